#pragma once

#include "plans/steps/scope.h"

namespace drover::plans {

/// The steps of one hop of a cluster with one control plane, in an order in which they could be
/// done, each with its needs (design 1.3). Hosts that are not taken and nodes that are at the
/// target already get no steps; a cluster that is there wholly gets none at all.
std::vector<Step> build_graph(const Scope& scope);

/// Could another node take the pods of `host`? (control_plane.drain: auto)
bool others_can_take_pods(const ClusterFacts& facts, const Host& host);

/// Is `host` drained when its turn comes? A worker always, a control plane if its pods can go.
bool is_drained(const ClusterFacts& facts, const Host& host);

/// True when this host's packages or kubelet are not at the target.
bool node_is_behind(const Scope& scope, const Host& host);

/// True when kubeadm-config or a static pod of the control plane is not at the target.
bool control_plane_is_behind(const Scope& scope);

}  // namespace drover::plans
