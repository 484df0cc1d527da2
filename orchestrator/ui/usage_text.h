#pragma once

#include <string>

#include "orchestrator/ui/list_view.h"
#include "plans/usage/usage.h"

namespace drover::orchestrator {

std::string cpu_text(Quantity amount);     ///< "250m", in thousandths of a core
std::string memory_text(Quantity amount);  ///< "64Mi", cut off

/// What nodes and pods use: for people CPU in thousandths of a core, memory in Mi, and what share
/// of the node's allocatable, or of what the pod requested and may use, that is; `<unknown>` where
/// nothing was measured. For programs CPU in thousandths, memory in bytes.
ListView<plans::NodeUsageRow> node_usage_list();
ListView<plans::PodUsageRow> pod_usage_list();

}  // namespace drover::orchestrator
