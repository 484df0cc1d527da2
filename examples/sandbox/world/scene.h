#pragma once

#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// Adds a workload whose pods have been there since the cluster was born; it replaces one of its
/// kind and name.
void add_workload(World& world, Workload workload, Moment now);
/// Takes it away with its pods, which terminate. False: there is none.
bool remove_workload(World& world, Workload::Kind kind, const std::string& ns,
                     const std::string& name, Moment now);
void add_budget(World& world, Budget budget, Moment now);

/// What kubeadm brings (CoreDNS, kube-proxy), and what an operator may find beside it: an agent on
/// every node, and a service `web` of four pods of which a budget lets one go at a time.
void furnish(World& world, Moment now);

}  // namespace drover::sandbox
