#pragma once

#include <map>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "orchestrator/fleet.h"
#include "plans/etcd/restore_look.h"

namespace drover::orchestrator {

/// What is to be known before a restore.
struct RestoreSurvey {
  std::vector<plans::RestoreSeen> seen;  ///< of all control planes
  ClusterFacts facts;
  bool api = false;
  std::uint64_t revision = 0;          ///< of etcd, as far as a member tells; 0: none does
  std::vector<std::string> strangers;  ///< members of it on no control plane of the inventory
};

/// Every machine must be reached: all their kubelets are restarted. The API need not; there is a
/// way to it afterwards that opens itself. The errors are of what could not be reached.
/// `given`: manifests that are to come in place of those there, by host; empty: none.
std::variant<RestoreSurvey, std::vector<Error>> survey_for_restore(
    const Inventory& inventory, const std::map<std::string, plans::Manifests>& given, Fleet& fleet,
    std::stop_token stop);

}  // namespace drover::orchestrator
