#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "inventory/facts.h"
#include "inventory/upgrade_plan.h"
#include "plans/budget_index.h"
#include "plans/drain_policy.h"
#include "plans/plan.h"

namespace drover::plans {

/// What draining nodes would do if nothing changed until then: the same selection as the drain's
/// own, judged against the budgets as they are (S3, S11). Goes over pods and budgets once, however
/// many nodes are asked about. Refers to the facts and the policy.
class DrainForecast {
 public:
  DrainForecast(const ClusterFacts& facts, const DrainPolicy& policy);

  /// Of the Kubernetes node `node`, whose inventory host is `host`.
  ForeseenDrain of(const std::string& node, std::string_view host) const;

 private:
  void judge_budgets(const Pod& pod, bool evicts, ForeseenDrain& drain) const;
  void judge_owner(const Pod& pod, ForeseenDrain& drain) const;

  const DrainPolicy& policy_;
  std::unordered_map<std::string, PodList> pods_;  ///< by node
  BudgetIndex budgets_;
  DaemonSets daemonsets_;
  std::map<std::string, int> wanted_;  ///< "kind/ns/name" of a controller -> pods that it keeps
};

/// Of one node, whose host has the same name.
ForeseenDrain forecast_drain(const ClusterFacts& facts, const std::string& node,
                             const DrainPolicy& policy);

/// "ReplicaSet/ns/name" of the pod's controller; "" without one that keeps a number of pods.
std::string replicas_key(const Pod& pod);

}  // namespace drover::plans
