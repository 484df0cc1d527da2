#pragma once

#include <optional>
#include <string>

#include "inventory/inventory.h"
#include "inventory/secret_fields.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads a name that becomes a folder, a file or a step id, as it is used for clusters and hosts.
/// Reports at `field` when `name` is none.
bool check_name(const YamlField& field, const std::string& name);

/// Reads one entry of `hosts`. What is wrong with it is reported; the rest is filled in.
Host read_host(const YamlField& field, const SshSettings& defaults, const Folders& folders);

}  // namespace drover
