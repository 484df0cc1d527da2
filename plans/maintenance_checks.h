#pragma once

#include <string>
#include <vector>

#include "plans/maintenance.h"

/// What is judged before a node command changes anything (S17).
namespace drover::plans {

/// All of it, blockers first. `drains`: foreseen, for the commands that drain.
std::vector<Verdict> judge_maintenance(const MaintenanceInput& input,
                                       const std::vector<ForeseenDrain>& drains);

/// Whether the command evicts the host's pods. A control plane that is to be rebooted is not
/// emptied when no other node could take them.
bool is_emptied(const MaintenanceInput& input, const Host& host);

/// What becomes of the cordon of a node that is to be uncordoned.
struct UncordonChoice {
  bool leave = false;          ///< it stays
  std::string cordon_of = {};  ///< the step's param; "": there is nothing to take away
  std::string whose = {};      ///< of one that stays, and of one that --others takes
  std::string held_by = {};    ///< the unfinished run of this state folder that made it
};

/// A node that is named is uncordoned whoever cordoned it, as kubectl does; one that a selector
/// takes only if Drover cordoned it. What an upgrade holds that is unfinished, or not known here,
/// stays. --others takes all of it.
UncordonChoice uncordon_choice(const MaintenanceInput& input, const ChosenNode& node);

/// Workers that may be down at once: --max-unavailable of the cluster's workers.
int budget_of(const MaintenanceInput& input);
/// What of it workers leave that are down already and have no steps (S6).
int free_budget(const MaintenanceInput& input);

/// The version of the kubelet that the machine starts with.
std::string kubelet_after_boot(const ClusterFacts& facts, const Host& host);

}  // namespace drover::plans
