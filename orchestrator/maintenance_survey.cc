#include "orchestrator/maintenance_survey.h"

#include "orchestrator/gather.h"
#include "orchestrator/parallel.h"
#include "orchestrator/state/run_list.h"

namespace drover::orchestrator {

Result<ClusterFacts> survey_for(plans::NodeAction action, Fleet& fleet, std::stop_token stop) {
  DROVER_TRY(fleet.credentials());
  DROVER_TRY(fleet.open_api(stop));
  const auto api = fleet.api();
  const bool empties = action == plans::NodeAction::Drain || action == plans::NodeAction::Reboot;
  return empties ? gather_cluster(*api, stop) : gather_nodes(*api, stop);
}

std::vector<Error> survey_machines(const std::vector<plans::ChosenNode>& nodes, Fleet& fleet,
                                   ClusterFacts& facts, std::stop_token stop) {
  std::vector<Result<NodeFacts>> found(nodes.size(), Result<NodeFacts>(Error{}));
  in_parallel(nodes.size(), kSessionsAtOnce, [&](size_t i) {
    const Host& host = *nodes[i].host;
    found[i] = gather_machine(host, *fleet.node(host.name), stop);
  });
  std::vector<Error> errors;
  for (Result<NodeFacts>& machine : found) {
    if (machine) {
      facts.hosts[machine->host] = std::move(*machine);
      continue;
    }
    Error error = machine.error();
    // A machine that does not answer in time is as far away as one that refuses.
    if (error.kind == ErrorKind::Timeout) error.kind = ErrorKind::Unreachable;
    errors.push_back(std::move(error));
  }
  return errors;
}

Result<std::vector<plans::EarlierRun>> earlier_runs(const std::string& state_dir,
                                                    const std::string& cluster) {
  DROVER_TRY_ASSIGN(const RunList list, list_runs(state_dir));
  std::vector<plans::EarlierRun> runs;
  for (const ListedRun& run : list.runs) {
    if (run.cluster != cluster) continue;
    const bool upgrade = !run.memory || !run.memory->is_node_command();
    runs.push_back({run.id, upgrade, run.unfinished()});
  }
  return runs;
}

}  // namespace drover::orchestrator
