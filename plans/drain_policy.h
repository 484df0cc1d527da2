#pragma once

#include <set>
#include <string>
#include <vector>

#include "inventory/cluster/pod.h"
#include "inventory/cluster/workload.h"
#include "inventory/upgrade_plan.h"

/// Which pods of a node a drain evicts: the filters of `kubectl drain` as pure functions
/// (domain.md §1.3), used by the plan's forecast and by the drain itself, so that they agree (S3).
namespace drover::plans {

enum class PodFate {
  Evict,
  Ignore,  ///< stays, and does no harm there: of a DaemonSet, or a static pod's mirror
  Refuse,  ///< evicting it would lose something: the whole node is not drained
};

struct PodVerdict {
  PodFate fate = PodFate::Evict;
  std::string reason;        ///< of a refusal
  std::string override_key;  ///< of a refusal: the key that allows it, "drain.force"
};

/// "ns/name" of every DaemonSet there is.
using DaemonSets = std::set<std::string>;
DaemonSets daemonsets_of(const std::vector<Workload>& workloads);

PodVerdict judge_pod(const Pod& pod, const DrainPolicy& policy, const DaemonSets& daemonsets);

/// The pods of one node, sorted by what becomes of them, each list by name.
struct DrainSelection {
  std::vector<Pod> evict;  ///< those that are going already too: they are waited for
  std::vector<Pod> ignored;
  std::vector<std::string> refused;  ///< one line a pod, with the key that overrides it
};

/// A refused pod that is being deleted already is not refused: somebody else has decided, and
/// refusing would only be in the way.
DrainSelection select_pods(std::vector<Pod> pods, const DrainPolicy& policy,
                           const DaemonSets& daemonsets);

}  // namespace drover::plans
