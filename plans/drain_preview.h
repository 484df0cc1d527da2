#pragma once

#include <string>
#include <vector>

#include "inventory/facts.h"
#include "plans/node_choice.h"
#include "plans/plan.h"

namespace drover::plans {

/// A pod that a drain does not evict.
struct StayingPod {
  std::string pod;  ///< ns/name
  enum Why { OfDaemonSet, Static, Going } why = OfDaemonSet;
};

/// What a drain of one node would do to each pod there.
struct DrainPreview {
  std::string host;
  ForeseenDrain drain;  ///< with the Kubernetes node's name
  std::vector<StayingPod> stays;
  std::vector<std::string> unmanaged;   ///< of those evicted: nothing starts them again
  std::vector<std::string> local_data;  ///< of those evicted: their emptyDir volumes are lost
};

/// For each of `nodes` that is drained, in that order. `policy`: that of the drains in `plan`.
std::vector<DrainPreview> preview_drains(const Plan& plan, const std::vector<ChosenNode>& nodes,
                                         const ClusterFacts& facts, const DrainPolicy& policy);

}  // namespace drover::plans
