#pragma once

#include <set>
#include <string>

#include "plans/steps/drain_look.h"

/// Volumes of evicted pods: until one is detached from its node, the pod that follows cannot use it
/// elsewhere, and a node that is restarted meanwhile holds it for minutes.
namespace drover::plans {

/// Note of a drain, also with its first intent: claims of the pods that it evicts, "ns/name ...".
inline constexpr const char* kClaims = "claims";

/// Claims of the pods that this attempt, or one before it that was cut off, evicted.
std::set<std::string> claims_left(const Step& step, const Attempt& attempt);

/// Adds those of the pods that are about to be sent; true when there are new ones.
bool add_claims(const Pod& pod, std::set<std::string>& claims);

/// The decision once no pod is left to go: Done with `message`, or what still has to be detached.
Decision await_detach(const Step& step, const Attempt& attempt, const DrainSight& sight,
                      const PodList& staying, const std::string& message);

}  // namespace drover::plans
