#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/pod.h"
#include "plans/steps/drain_look.h"

/// drain.keep_serving: of a controller without a budget that wants two or more pods, the last Ready
/// one goes only after another one is Ready elsewhere.
namespace drover::plans {

/// How long a pod is kept back at most: a minute, and a third of the drain's time.
Seconds longest_hold(std::chrono::seconds timeout);

/// "ReplicaSet/default" of a pod that may have to be kept back: what has to be asked for before it
/// is known. "" for a pod that goes at once.
std::string serving_question(const Pod& pod);

/// Of `pods`, Ready pods that could be evicted now, without a budget and of one controller: the one
/// that is kept back, so that there stays one; nullptr when all may go. `key`: their replicas_key.
/// When several nodes are drained at once, only one of them keeps one back, so that they do not
/// wait for each other.
const Pod* kept_back(const std::string& key, const std::vector<const Pod*>& pods,
                     const ServingSight& serving);

}  // namespace drover::plans
