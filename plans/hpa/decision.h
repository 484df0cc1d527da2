#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/cluster/event.h"
#include "plans/hpa/limits.h"
#include "plans/hpa/proposal.h"

/// What a HorizontalPodAutoscaler's controller would do at this moment, and why.
namespace drover::plans {

struct ScaleSituation {
  Autoscaler hpa;
  Scale scale;
  std::vector<ScaledPod> pods;  ///< those of the scale's selector
  std::vector<MeasuredPod> measured;
  std::string not_measured;  ///< why metrics.k8s.io gave nothing; "": it did
  ScaleHistory history;
  ScaleSettings settings;
  Timestamp now;
};

enum class ScaleCase {
  Disabled,    ///< the workload is scaled to zero: the controller leaves it alone
  AboveMost,   ///< more than maxReplicas: down to it, whatever is measured
  BelowLeast,  ///< fewer than minReplicas: up to it, likewise
  Blind,       ///< no metric can be read, or one cannot and the others call for fewer, or `refused`
  Metrics,     ///< the metrics decide
};

struct ScaleDecision {
  ScaleCase which = ScaleCase::Metrics;
  int wanted = 0;  ///< what the workload wants now
  std::vector<Proposal> proposals;
  std::optional<size_t> decisive;  ///< the largest of them
  int proposed = 0;                ///< its replicas
  std::optional<Limited> limited;  ///< Metrics
  bool held_as_told = false;       ///< the controller's own condition says that a window holds it
  std::string refused;             ///< Blind: why the controller looks at no metric at all
  int replicas = 0;                ///< what the controller would set
};

ScaleDecision decide_scale(const ScaleSituation& situation);

/// The changes that the cluster's events tell of, oldest first; those that repeat an older one have
/// only the time of the last.
ScaleHistory scale_history(const Autoscaler& hpa, const std::vector<ClusterEvent>& events);

}  // namespace drover::plans
