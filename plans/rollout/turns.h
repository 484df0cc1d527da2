#pragma once

#include <chrono>
#include <string>
#include <unordered_map>
#include <vector>

#include "plans/plan.h"

namespace drover::plans {

/// Downloads only: nothing is taken out of service for it.
bool is_staging(const Step& step);

/// Hosts of the plan's control planes.
std::vector<std::string> control_planes_of(const Plan& plan);

/// How long a node is expected to be in its turn: all its steps but staging, and those of the
/// cluster within them.
std::unordered_map<std::string, std::chrono::seconds> turn_estimates(
    const std::vector<Step>& steps);

/// The plan's workers in the order in which their turns come, as far as all are well.
std::vector<std::string> worker_order(const Plan& plan);

}  // namespace drover::plans
