#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "plans/gates/condition.h"

namespace drover::plans {

/// "ns/name" of the DaemonSet that made a pod; nothing for other pods.
std::optional<std::string> daemonset_of(const Pod& pod);

/// The marks of the condition `daemonsets`: of each DaemonSet with a pod on `node` among `pods`, 1
/// when all of those were Ready, 0 when not; and of `network`, 0 when the node had none.
Marks daemonset_marks(const std::vector<Pod>& pods, const Node& node);

}  // namespace drover::plans
