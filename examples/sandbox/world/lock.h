#pragma once

#include "examples/sandbox/world/answer.h"
#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// GET, POST and PUT of the Lease kube-system/drover: optimistic locking as any object has it.
/// std::invalid_argument: the body is no Lease as the API takes it (times with exactly six digits).
Answer read_lock(const World& world);
Answer create_lock(World& world, const nlohmann::json& lease, Moment now);
Answer replace_lock(World& world, const nlohmann::json& lease, Moment now);

/// The Leases of kube-scheduler and kube-controller-manager.
Answer read_leader(const World& world, const std::string& component, Moment now);
/// The Lease of a kubelet.
Answer read_node_lease(const World& world, const std::string& node, Moment now);

}  // namespace drover::sandbox
