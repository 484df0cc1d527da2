#pragma once

#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// What the controllers and the scheduler do at this moment: pods that are missing are made, an old
/// template's pods replaced one by one, pods without a node placed, volumes attached, cordoned
/// nodes tainted.
void reconcile(World& world, Moment at);

/// The node for this pod, or nullptr: Ready, not cordoned, its taints tolerated; among those one
/// without a PreferNoSchedule taint, with the fewest pods of the same owner, with the fewest pods.
const ClusterNode* choose_node(const World& world, const Pod& pod);

/// A pod of this workload that exists since `at`. `name`: whole, or empty for one made up.
Pod& make_pod(World& world, const Workload& workload, const std::string& name, Moment at);

/// Its containers start on this node.
void place(World& world, Pod& pod, const ClusterNode& node, Moment at);

/// Deletes a pod gracefully: it terminates from now on.
void begin_deletion(World& world, Pod& pod, Moment at);

}  // namespace drover::sandbox
