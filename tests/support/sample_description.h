#pragma once

#include "plans/describe/describe.h"

namespace drover::test {

/// The node w1 (host worker-1), cordoned by a drain of Drover's, with a pod that a budget holds,
/// one that has no controller, one of a DaemonSet, and hostile texts.
plans::NodeDescription sample_node_description();

/// shop/web-1 on it, which is killed for its memory again and again.
plans::PodDescription sample_pod_description();

}  // namespace drover::test
