#include <fmt/format.h>

#include <algorithm>

#include "inventory/cluster/pod_disruption_budget.h"
#include "plans/gates/condition.h"
#include "plans/gates/paths.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

/// A minAvailable that is a number stays as it is when the workload is scaled below it, and pods
/// that nobody wants any more do not come back. The pods expected are then those that there are:
/// that a pod in place of another was not even made is for the gate `workloads` to see.
int healthy_wanted(const PodDisruptionBudget& budget) {
  return std::min(budget.desired_healthy, budget.expected_pods);
}

}  // namespace

Queries look_at_budgets(const Step&, const Attempt&) {
  Queries queries;
  queries.requests = {get(kBudgetsPath)};
  return queries;
}

Result<Findings> judge_budgets(const GateInput& input) {
  DROVER_TRY_ASSIGN(
      const std::vector<PodDisruptionBudget> budgets,
      read_answer(input.seen.get(kBudgetsPath), "list disruption budgets", parse_pdb_list));
  Findings findings;
  for (const PodDisruptionBudget& budget : budgets) {
    const int wanted = healthy_wanted(budget);
    const int missing = wanted - budget.current_healthy;
    if (missing <= 0) continue;
    findings.unwell.push_back({budget.full_name(),
                               fmt::format("the pods of budget {} ({} of {} healthy)",
                                           budget.full_name(), budget.current_healthy, wanted),
                               missing});
  }
  return findings;
}

}  // namespace drover::plans
