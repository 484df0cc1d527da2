#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"

namespace drover {

/// What is wrong with the hosts that the plan file names, in `workers.exclude` and
/// `drain.disable_eviction`: only the inventory knows which hosts there are.
Diagnostics check_named_hosts(const UpgradePlan& plan, const Inventory& inventory);

/// Whether every name of `plan.limit` is a host that the plan file leaves in. Errors of kind Usage.
Status check_limit(const UpgradePlan& plan, const Inventory& inventory);

/// The hosts that have to be looked at: those that the plan takes, and the one whose control plane
/// leads to the API.
std::vector<const Host*> hosts_to_see(const UpgradePlan& plan, const Inventory& inventory);

}  // namespace drover
