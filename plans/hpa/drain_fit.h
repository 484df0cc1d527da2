#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/pod.h"
#include "inventory/cluster/pod_disruption_budget.h"
#include "plans/hpa/decision.h"

/// Whether the pods of an autoscaled workload can spare those of one node while it is drained. New
/// pods count for nothing until they are ready: those that stay carry the load, and the controller
/// does not come to their help in time.
namespace drover::plans {

enum class Fit {
  Fits,      ///< those that stay keep every metric at its target, with its tolerance
  WithMore,  ///< not so, but `raise_to` as minReplicas makes it so beforehand
  TooFew,    ///< maxReplicas does not allow as many as it takes
  Unknown,   ///< not every metric can be read, or none decides
};

struct DrainFit {
  std::string node;
  int pods = 0;       ///< of the workload, on this node
  int remaining = 0;  ///< ready ones on other nodes
  int needed = 0;     ///< ready ones that it takes
  Fit fit = Fit::Unknown;
  std::string unknown;  ///< Unknown: why
  double ratio_then =
      0;               ///< of the metric that is worst off, with what remains; 0: nothing remains
  std::string metric;  ///< that one
  int raise_to = 0;    ///< WithMore
  std::string budget;  ///< why a budget does not let its pods go; "": it does
};

/// For each node with pods of it, by name. `pods` and `budgets`: of its namespace.
std::vector<DrainFit> drain_fits(const ScaleSituation& situation, const ScaleDecision& decision,
                                 const std::vector<Pod>& pods,
                                 const std::vector<PodDisruptionBudget>& budgets);

}  // namespace drover::plans
