#pragma once

#include <string>

#include "inventory/facts.h"
#include "inventory/upgrade_plan.h"
#include "plans/plan.h"

namespace drover::plans {

/// What draining the Kubernetes node `node` would do if nothing changed until then: the same
/// selection as the drain's own, judged against the budgets as they are (S3, S11).
ForeseenDrain forecast_drain(const ClusterFacts& facts, const std::string& node,
                             const DrainPolicy& policy);

/// "default/web (minAvailable 3 of 4 pods)": a budget by its name and spec.
std::string budget_text(const PodDisruptionBudget& budget);

}  // namespace drover::plans
