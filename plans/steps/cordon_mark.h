#pragma once

#include <string>

#include "inventory/cluster/node.h"

namespace drover::plans {

/// The run that left Drover's cordon annotation on the node (S10). Empty without the annotation;
/// "?" when it is there and does not say which run, so that it is never taken for ours.
std::string cordoned_by_run(const Node& node);

}  // namespace drover::plans
