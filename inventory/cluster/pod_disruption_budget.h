#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/pod.h"

namespace drover {

/// One matchExpressions entry of a label selector.
struct LabelRequirement {
  std::string key;
  std::string op;  ///< In, NotIn, Exists, DoesNotExist
  std::vector<std::string> values;
};

/// metav1.LabelSelector. An absent selector matches nothing, an empty one everything (policy/v1).
struct LabelSelector {
  bool present = false;
  std::map<std::string, std::string> match_labels;
  std::vector<LabelRequirement> match_expressions;

  bool matches(const std::map<std::string, std::string>& labels) const;
};

/// spec.unhealthyPodEvictionPolicy: when a pod that is not Ready may go.
enum class UnhealthyPods {
  IfHealthyBudget,  ///< while enough others are healthy; the default
  AlwaysAllow,
  LikeReady,  ///< a policy that is not known: the budget counts for them as for all others
};

/// policy/v1 PodDisruptionBudget.
struct PodDisruptionBudget {
  std::string ns;
  std::string name;
  LabelSelector selector;
  std::string min_available;    ///< "3" or "50%"; empty when absent
  std::string max_unavailable;  ///< likewise
  int disruptions_allowed = 0;
  int current_healthy = 0;
  int desired_healthy = 0;
  int expected_pods = 0;
  UnhealthyPods unhealthy = UnhealthyPods::IfHealthyBudget;
  bool observed = true;     ///< status.observedGeneration has reached metadata.generation
  std::string sync_failed;  ///< why its numbers cannot be worked out; empty: they can

  bool covers(const Pod& pod) const { return pod.ns == ns && selector.matches(pod.labels); }
  std::string full_name() const { return ns + "/" + name; }
  std::string spec_str() const;  ///< "minAvailable 3" or "maxUnavailable 1"

  /// True when by its spec no pod it wants may ever be taken: maxUnavailable 0 or 0%, or
  /// minAvailable 100% or not below the number of expected pods. Not a matter of the moment (S11).
  bool never_allows() const;
};

Result<std::vector<PodDisruptionBudget>> parse_pdb_list(std::string_view json);

}  // namespace drover
