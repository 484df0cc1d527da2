#include "plans/drain_forecast.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/drain_policy.h"

namespace drover::plans {
namespace {

using Budgets = std::vector<const PodDisruptionBudget*>;

Budgets covering(const ClusterFacts& facts, const Pod& pod) {
  Budgets budgets;
  for (const PodDisruptionBudget& budget : facts.budgets) {
    if (budget.covers(pod)) budgets.push_back(&budget);
  }
  return budgets;
}

// Reasons that never pass by themselves.
void add_blocks(const Pod& pod, const Budgets& budgets, std::vector<std::string>& blocked) {
  if (budgets.size() > 1) {
    std::vector<std::string> names;
    for (const auto* budget : budgets) names.push_back(budget->full_name());
    blocked.push_back(
        fmt::format("{}: {} budgets cover it ({}), and Kubernetes evicts no pod with more than one",
                    pod.full_name(), budgets.size(), join(names, ", ")));
    return;
  }
  for (const auto* budget : budgets) {
    if (!budget->never_allows()) continue;
    blocked.push_back(fmt::format("{}: budget {} never allows an eviction", pod.full_name(),
                                  budget_text(*budget)));
  }
}

// A budget without any room at this moment. Pods that are not Ready, or Pending, need none.
void add_pending(const Pod& pod, const Budgets& budgets, std::vector<std::string>& pending) {
  const bool waits = budgets.size() == 1 && !budgets[0]->never_allows() && pod.ready &&
                     budgets[0]->disruptions_allowed <= 0;
  if (!waits) return;
  pending.push_back(fmt::format("{}: budget {} allows no eviction at this moment ({} healthy)",
                                pod.full_name(), budget_text(*budgets[0]),
                                budgets[0]->current_healthy));
}

}  // namespace

std::string budget_text(const PodDisruptionBudget& budget) {
  return fmt::format("{} ({} of {} pods)", budget.full_name(), budget.spec_str(),
                     budget.expected_pods);
}

ForeseenDrain forecast_drain(const ClusterFacts& facts, const std::string& node,
                             const DrainPolicy& policy) {
  std::vector<Pod> pods;
  std::copy_if(facts.pods.begin(), facts.pods.end(), std::back_inserter(pods),
               [&](const Pod& pod) { return pod.node == node; });
  DrainSelection selection = select_pods(std::move(pods), policy, daemonsets_of(facts.workloads));
  ForeseenDrain drain;
  drain.node = node;
  drain.blocked_by = std::move(selection.refused);
  for (const Pod& pod : selection.evict) {
    if (pod.deleting) continue;  // going already: neither evicted nor held by a budget
    drain.evicts.push_back(pod.full_name());
    if (pod.finished()) continue;
    const Budgets budgets = covering(facts, pod);
    add_blocks(pod, budgets, drain.blocked_by);
    add_pending(pod, budgets, drain.pending);
  }
  return drain;
}

}  // namespace drover::plans
