#pragma once

#include <set>
#include <string>

#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/plan.h"

namespace drover::plans {

/// Puts an edited plan file into effect for the steps that are not `done` (design 1.4): deadlines,
/// gates, the drain policy, and how the workers are taken. The plan's id stays that of the plan
/// that was agreed to.
void revise(Plan& plan, const Inventory& inventory, const UpgradePlan& file,
            const std::set<std::string>& done);

}  // namespace drover::plans
