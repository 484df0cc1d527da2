#pragma once

#include <optional>
#include <string>

#include "examples/sandbox/world/pod.h"

namespace drover::sandbox {

/// A PodDisruptionBudget.
struct Budget {
  std::string ns;
  std::string name;
  std::string uid;
  Selector selector;
  std::string min_available;            ///< "3" or "50%"; empty when absent
  std::string max_unavailable;          ///< likewise
  bool always_allow_unhealthy = false;  ///< unhealthyPodEvictionPolicy: AlwaysAllow
  bool policy_named = false;            ///< the policy stands in the spec
  bool processed = true;                ///< false: the controller has not seen the newest spec yet
  bool blocked = false;                 ///< a test wants it to allow nothing
  Moment created;
  long revision = 0;

  bool covers(const Pod& pod) const { return pod.ns == ns && selector.matches(pod.spec.labels); }
};

struct BudgetStatus {
  int disruptions_allowed = 0;
  int current_healthy = 0;
  int desired_healthy = 0;
  int expected_pods = 0;
  bool synced = true;  ///< false: a pod without a controller, whose number cannot be known
};

/// What the disruption controller counts (pkg/controller/disruption). `scale`: the sum of the
/// replicas that the controllers of these pods want, or nothing if one has no controller.
BudgetStatus budget_status(const Budget& budget, const std::vector<const Pod*>& covered,
                           std::optional<int> scale);

/// What the API server makes of an eviction of a pod under this budget (registry/core/pod).
enum class Verdict {
  Allowed,
  Refused,     ///< 429
  Processing,  ///< 429, ask again
};
Verdict judge_eviction(const Budget& budget, const BudgetStatus& status, const Pod& pod);

}  // namespace drover::sandbox
