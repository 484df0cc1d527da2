#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/inventory.h"
#include "orchestrator/fleet.h"
#include "plans/etcd/manifests.h"
#include "plans/step.h"

/// Manifests that the operator gives to a restore: a folder with a folder for each control plane,
/// named as in the inventory.
namespace drover::orchestrator {

/// By inventory host name; what lacks, or cannot be read, is told by them.
std::map<std::string, plans::Manifests> read_given_manifests(const std::string& folder,
                                                             const Inventory& inventory);

/// Puts those of `steps` on their control planes, as far as they are not there, and still needed. A
/// File error: one here is not what it was when the run was planned.
Status send_manifests(const std::vector<const plans::Step*>& steps, Fleet& fleet,
                      std::stop_token stop);

}  // namespace drover::orchestrator
