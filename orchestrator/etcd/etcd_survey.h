#pragma once

#include <stop_token>
#include <vector>

#include "inventory/inventory.h"
#include "orchestrator/fleet.h"
#include "plans/etcd/look.h"

namespace drover::orchestrator {

/// Asks etcd on all control planes at once, by SSH alone. An Error, that of the first of them: none
/// could be reached. Those that could not be reached beside others say so in what is returned.
Result<std::vector<plans::EtcdSeen>> survey_etcd(const Inventory& inventory, Fleet& fleet,
                                                 std::stop_token stop);

}  // namespace drover::orchestrator
