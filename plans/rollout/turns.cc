#include "plans/rollout/turns.h"

#include <algorithm>
#include <set>
#include <unordered_set>

namespace drover::plans {

bool is_staging(const Step& step) {
  return step.kind == StepKind::StagePackages || step.kind == StepKind::StageImages;
}

std::vector<std::string> control_planes_of(const Plan& plan) {
  std::vector<std::string> hosts;
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::StaticPodsHealthy) hosts.push_back(step.node);
  }
  return hosts;
}

std::unordered_map<std::string, std::chrono::seconds> turn_estimates(
    const std::vector<Step>& steps) {
  std::unordered_map<std::string, std::chrono::seconds> estimates;
  for (const Step& step : steps) {
    // The snapshot is the cluster's, and stands within the turn of the host that takes it.
    const std::string& host = step.kind == StepKind::EtcdSnapshot ? step.host : step.node;
    if (!host.empty() && !is_staging(step)) estimates[host] += step.estimate;
  }
  return estimates;
}

std::vector<std::string> worker_order(const Plan& plan) {
  const auto leaders = control_planes_of(plan);
  std::unordered_set<std::string_view> seen(leaders.begin(), leaders.end());
  std::vector<std::string> hosts;
  for (const Step& step : plan.steps) {
    if (!step.node.empty() && seen.insert(step.node).second) hosts.push_back(step.node);
  }
  if (plan.rollout.order == WorkerOrder::Inventory) return hosts;
  const auto estimates = turn_estimates(plan.steps);
  std::stable_sort(hosts.begin(), hosts.end(),
                   [&](const auto& a, const auto& b) { return estimates.at(a) > estimates.at(b); });
  return hosts;
}

}  // namespace drover::plans
