#include "plans/budget_index.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

BudgetStance two_budgets(const Budgets& budgets) {
  std::vector<std::string> names;
  for (const auto* budget : budgets) names.push_back(budget->full_name());
  return {BudgetStance::Never,
          fmt::format("{} budgets cover it ({}), and Kubernetes evicts no pod with more than one",
                      budgets.size(), join(names, ", "))};
}

bool enough_healthy(const PodDisruptionBudget& budget) {
  return budget.current_healthy >= budget.desired_healthy && budget.desired_healthy > 0;
}

// A pod that is not Ready goes without using the budget up, or has to wait for the others.
BudgetStance of_not_ready(const PodDisruptionBudget& budget) {
  if (budget.unhealthy == UnhealthyPods::AlwaysAllow || enough_healthy(budget)) return {};
  const std::string help = "unhealthyPodEvictionPolicy: AlwaysAllow would let it go";
  if (budget.never_allows()) {
    return {BudgetStance::Never,
            fmt::format("it is not Ready, and budget {} never allows an eviction while any of its "
                        "pods is not healthy; {}",
                        budget_text(budget), help)};
  }
  if (budget.disruptions_allowed > 0) return {};
  return {BudgetStance::Waits,
          fmt::format("it is not Ready, and budget {} lets such a pod go only while {} others are "
                      "healthy ({} now); {}",
                      budget_text(budget), budget.desired_healthy, budget.current_healthy, help)};
}

}  // namespace

BudgetIndex::BudgetIndex(const std::vector<PodDisruptionBudget>& budgets) {
  for (const PodDisruptionBudget& budget : budgets) by_namespace_[budget.ns].push_back(&budget);
}

Budgets BudgetIndex::covering(const Pod& pod) const {
  Budgets found;
  const auto there = by_namespace_.find(pod.ns);
  if (there == by_namespace_.end()) return found;
  std::copy_if(there->second.begin(), there->second.end(), std::back_inserter(found),
               [&](const PodDisruptionBudget* budget) { return budget->covers(pod); });
  return found;
}

BudgetStance budget_stance(const Pod& pod, const Budgets& budgets) {
  // The API server deletes these without a look at budgets.
  const bool ignored = pod.deleting || pod.finished() || pod.phase == "Pending";
  if (ignored || budgets.empty()) return {};
  if (budgets.size() > 1) return two_budgets(budgets);
  const PodDisruptionBudget& budget = *budgets.front();
  if (!pod.ready && budget.unhealthy != UnhealthyPods::LikeReady) return of_not_ready(budget);
  const std::string name = budget_text(budget);
  if (budget.never_allows()) {
    return {BudgetStance::Never, fmt::format("budget {} never allows an eviction", name)};
  }
  if (!budget.observed) {
    return {BudgetStance::Waits,
            fmt::format("budget {} was changed and is still being worked out", name)};
  }
  if (!budget.sync_failed.empty()) {
    return {BudgetStance::Waits,
            fmt::format("budget {} allows none because its pods cannot be counted: {}", name,
                        sanitise(budget.sync_failed, 200))};
  }
  if (budget.disruptions_allowed > 0) return {};
  return {BudgetStance::Waits,
          fmt::format("budget {} allows no eviction at this moment ({} healthy)", name,
                      budget.current_healthy)};
}

std::string budget_text(const PodDisruptionBudget& budget) {
  return fmt::format("{} ({} of {} pods)", budget.full_name(), budget.spec_str(),
                     budget.expected_pods);
}

}  // namespace drover::plans
