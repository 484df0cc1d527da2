#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "inventory/cluster/pod.h"
#include "inventory/cluster/pod_disruption_budget.h"

/// Which disruption budgets cover a pod, and what they mean for its eviction, as the API server
/// judges it (domain.md §1.5).
namespace drover::plans {

using Budgets = std::vector<const PodDisruptionBudget*>;

/// Finds budgets by namespace, so that a look at many pods does not go over all budgets for each.
/// Refers to the list that it was made of.
class BudgetIndex {
 public:
  BudgetIndex() = default;
  explicit BudgetIndex(const std::vector<PodDisruptionBudget>& budgets);
  Budgets covering(const Pod& pod) const;

 private:
  std::unordered_map<std::string, Budgets> by_namespace_;
};

struct BudgetStance {
  enum Kind {
    Free,   ///< no budget holds it
    Waits,  ///< it is not let go at this moment
    Never,  ///< by the spec it is never let go, or two budgets cover it (S11)
  };
  Kind kind = Free;
  std::string why;  ///< Waits, Never: "budget default/web (...) ..."; the same for like pods
};

BudgetStance budget_stance(const Pod& pod, const Budgets& budgets);

/// "default/web (minAvailable 3 of 4 pods)": a budget by its name and spec.
std::string budget_text(const PodDisruptionBudget& budget);

}  // namespace drover::plans
