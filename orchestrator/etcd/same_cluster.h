#pragma once

#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "orchestrator/fleet.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// Of a run that takes the API away: whether its control planes are those that were planned, as far
/// as their files tell. A Stale error when one is of another cluster.
Status check_same_cluster(const plans::Plan& plan, const std::string& run, Fleet& fleet,
                          std::stop_token stop);

}  // namespace drover::orchestrator
