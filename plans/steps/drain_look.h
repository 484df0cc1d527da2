#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inventory/cluster/pod.h"
#include "inventory/cluster/pod_disruption_budget.h"
#include "inventory/cluster/volume.h"
#include "plans/drain_policy.h"
#include "plans/steps/kind.h"

/// What a drain reads. Each look asks for the node's pods in one list, and besides them only for
/// what the look before it found to be needed, which it left in the notes.
namespace drover::plans {

/// Notes by which one look tells the next what to ask for.
inline constexpr const char* kAskBudgets = "budgets";  ///< "yes"
inline constexpr const char* kAskServing = "serving";  ///< "ReplicaSet/default StatefulSet/db"
inline constexpr const char* kAskDetach = "detach";    ///< "yes": what is attached to the node
inline constexpr const char* kAskVolumes = "volumes";  ///< names of PersistentVolumes

/// Who else serves, as far as it was asked for.
struct ServingSight {
  std::set<std::string> asked;                 ///< "ReplicaSet/default"
  std::map<std::string, int> wanted;           ///< replicas_key -> pods that it keeps
  std::map<std::string, int> ready_elsewhere;  ///< replicas_key -> Ready pods on nodes that stay
  /// replicas_key -> the last name among its Ready pods on other nodes that Drover drains, too.
  std::map<std::string, std::string> last_leaving;
};

/// The answers of one look.
struct DrainSight {
  std::vector<Pod> pods;  ///< on the node
  DaemonSets daemonsets;
  std::optional<std::vector<PodDisruptionBudget>> budgets;   ///< absent: not asked for
  std::optional<ServingSight> serving;                       ///< likewise
  std::optional<std::vector<VolumeAttachment>> attachments;  ///< to the node; likewise
  std::map<std::string, std::string> claims;  ///< volume -> "namespace/claim", "" when it has none
};

Queries drain_queries(const Step& step, const Attempt& attempt);

/// Reads the answers to drain_queries() of the same step and attempt.
Result<DrainSight> read_drain(const Step& step, const Attempt& attempt, const Answers& answers);

}  // namespace drover::plans
