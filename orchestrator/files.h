#pragma once

#include <string>
#include <variant>
#include <vector>

#include "inventory/inventory.h"
#include "inventory/manifest.h"
#include "inventory/upgrade_plan.h"

namespace drover::orchestrator {

/// The two files of an upgrade, read and valid.
struct Files {
  Inventory inventory;
  UpgradePlan upgrade;
  std::string inventory_text = {};
  std::string upgrade_text = {};
};

/// Reads the plan file and the inventory it names, or `inventory_path` instead when not empty. All
/// that is wrong in either is reported at once; a file that cannot be read is a Diagnostic too.
std::variant<Files, Diagnostics> load_files(const std::string& upgrade_path,
                                            const std::string& inventory_path);

/// An inventory alone, for a plan that was saved: of `upgrade` only what the plan says is set.
std::variant<Files, Diagnostics> load_inventory_file(const std::string& inventory_path);

/// Objects of Kubernetes in a YAML file.
std::variant<std::vector<Manifest>, Diagnostics> load_manifests(const std::string& path);

}  // namespace drover::orchestrator
