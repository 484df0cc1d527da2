#pragma once

#include <string>

#include "plans/steps/drain_round.h"

/// What a drain says of itself: in one line while it waits, and in full when its time is up.
namespace drover::plans {

/// Completes "waiting for ...". Budgets first: they may need somebody, while pods that terminate do
/// not. Does not change with each try.
std::string drain_waits_for(const LeavingPods& leaving);

/// "w1 still has: ...": every pod that stays, its controller, and what keeps it.
std::string drain_is_late(const std::string& node, const LeavingPods& leaving);

/// What would let the pods go.
std::string drain_remedy(const LeavingPods& leaving);

/// "ReplicaSet default/web", "no controller".
std::string owner_text(const Pod& pod);

}  // namespace drover::plans
