#pragma once

#include <string>
#include <vector>

#include "plans/plan.h"

namespace drover::orchestrator {

/// "3 at once", "one at a time": how many workers may be down together, in the plan's headline.
std::string width_text(const plans::Plan& plan);

/// How the workers are taken, a line each, most important first: limits, canary and ramp, order,
/// pauses, maintenance window, what happens when something goes wrong. Nothing without workers.
std::vector<std::string> rollout_lines(const plans::Plan& plan);

}  // namespace drover::orchestrator
