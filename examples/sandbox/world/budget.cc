#include "examples/sandbox/world/budget.h"

#include <algorithm>
#include <stdexcept>

namespace drover::sandbox {
namespace {

bool is_percentage(const std::string& amount) { return amount.ends_with('%'); }

// Kubernetes rounds percentages of both fields up.
int amount_of(const std::string& amount, int total) {
  const int value = std::stoi(amount);
  return is_percentage(amount) ? (value * total + 99) / 100 : value;
}

}  // namespace

BudgetStatus budget_status(const Budget& budget, const std::vector<const Pod*>& covered,
                           std::optional<int> scale) {
  BudgetStatus status;
  for (const Pod* pod : covered)
    status.current_healthy += pod->ready && !pod->deleting && !pod->disrupted ? 1 : 0;
  const bool plain_number = budget.max_unavailable.empty() && !is_percentage(budget.min_available);
  if (plain_number) {
    status.expected_pods = static_cast<int>(covered.size());
    status.desired_healthy = amount_of(budget.min_available, 0);
  } else if (!scale) {
    status.synced = false;
    return status;
  } else {
    status.expected_pods = *scale;
    status.desired_healthy = budget.max_unavailable.empty()
                                 ? amount_of(budget.min_available, *scale)
                                 : std::max(0, *scale - amount_of(budget.max_unavailable, *scale));
  }
  if (status.expected_pods > 0)
    status.disruptions_allowed = std::max(0, status.current_healthy - status.desired_healthy);
  if (budget.blocked) status.disruptions_allowed = 0;
  return status;
}

Verdict judge_eviction(const Budget& budget, const BudgetStatus& status, const Pod& pod) {
  if (!pod.ready) {
    const bool well =
        status.desired_healthy > 0 && status.current_healthy >= status.desired_healthy;
    if (budget.always_allow_unhealthy || well) return Verdict::Allowed;
  }
  if (!budget.processed) return Verdict::Processing;
  return status.disruptions_allowed > 0 ? Verdict::Allowed : Verdict::Refused;
}

}  // namespace drover::sandbox
