#pragma once

#include <string>

#include "plans/step.h"

/// The GETs that several conditions share: what is asked in the same words is asked once a round.
namespace drover::plans {

std::string node_path(const Step& step);          ///< of the node in the parameter `node`
std::string pods_of_node_path(const Step& step);  ///< all its pods

inline constexpr const char* kBudgetsPath = "/apis/policy/v1/poddisruptionbudgets";
inline constexpr const char* kDaemonSetsPath = "/apis/apps/v1/daemonsets";

}  // namespace drover::plans
