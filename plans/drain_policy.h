#pragma once

#include <map>
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

/// What a pod's fate costs, or why it has none: what `kubectl drain` warns of.
enum class DrainLoss {
  IgnoredDaemonSet,  ///< stays, as its DaemonSet would start it again at once
  LocalData,         ///< the content of its emptyDir volumes is lost
  NoController,      ///< nothing starts it again
};

struct PodVerdict {
  PodFate fate = PodFate::Evict;
  std::string reason;             ///< of a refusal
  std::string override_key;       ///< of a refusal: the key that allows it, "drain.force"
  std::set<DrainLoss> loss = {};  ///< not of a refusal
};

/// "ns/name" of every DaemonSet there is.
using DaemonSets = std::set<std::string>;
DaemonSets daemonsets_of(const std::vector<Workload>& workloads);

PodVerdict judge_pod(const Pod& pod, const DrainPolicy& policy, const DaemonSets& daemonsets);

/// Pods that a filter refuses for one reason.
struct RefusedPods {
  std::string reason;        ///< "have no controller, ..."
  std::string override_key;  ///< "drain.force"
  std::vector<std::string> pods;
};

using PodList = std::vector<const Pod*>;

/// The pods of one node, sorted by what becomes of them, each list by name. Refers to the pods.
struct DrainSelection {
  PodList evict;  ///< those that are going already too: they are waited for
  PodList ignored;
  std::vector<RefusedPods> refused;                    ///< one entry a reason
  std::map<DrainLoss, std::vector<std::string>> loss;  ///< pods that are not going already
};

/// A refused pod that is being deleted already is not refused: somebody else has decided, and
/// refusing would only be in the way.
DrainSelection select_pods(PodList pods, const DrainPolicy& policy, const DaemonSets& daemonsets);

/// "deleting pods with local storage: a, b and 2 more": what kubectl warns of, one line a loss.
std::string loss_text(DrainLoss loss, const std::vector<std::string>& pods, size_t most);

/// "a, b and 2 more: reason (drain.force overrides)".
std::string refusal_text(const RefusedPods& refused, size_t most);

}  // namespace drover::plans
