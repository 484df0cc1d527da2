#pragma once

#include <stop_token>
#include <variant>
#include <vector>

#include "inventory/facts.h"
#include "orchestrator/fleet.h"
#include "plans/maintenance.h"

namespace drover::orchestrator {

/// What a node command has to know of the cluster; the API's channel is open afterwards. For cordon
/// and uncordon the nodes alone.
Result<ClusterFacts> survey_for(plans::NodeAction action, Fleet& fleet, std::stop_token stop);

/// Looks at the machines that are to be rebooted, all at once, and adds what they show to `facts`.
/// Empty: all could be seen.
std::vector<Error> survey_machines(const std::vector<plans::ChosenNode>& nodes, Fleet& fleet,
                                   ClusterFacts& facts, std::stop_token stop);

/// The runs of a cluster in the state folder, for whose cordons they are.
Result<std::vector<plans::EarlierRun>> earlier_runs(const std::string& state_dir,
                                                    const std::string& cluster);

}  // namespace drover::orchestrator
