#pragma once

#include <chrono>
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

/// What the controller's conditions tell of its memory.
enum class Told {
  Nothing,
  Stabilised,   ///< a window of stabilisation held it when it looked last
  Recommended,  ///< it recommended no fewer when it looked last, and the window remembers that
};

struct ScaleDecision {
  ScaleCase which = ScaleCase::Metrics;
  int wanted = 0;  ///< what the workload wants now
  std::vector<Proposal> proposals;
  std::optional<size_t> decisive;  ///< the largest of them
  int proposed = 0;                ///< its replicas
  std::optional<Limited> limited;  ///< Metrics
  Told told = Told::Nothing;       ///< a window holds it, by that
  /// The window that may hold it, when neither an event nor a condition tells whether it does.
  std::optional<std::chrono::seconds> may_be_held;
  std::string refused;  ///< Blind: why the controller looks at no metric at all
  int replicas = 0;     ///< what the controller would set
};

ScaleDecision decide_scale(const ScaleSituation& situation);

/// The changes that the cluster's events tell of, oldest first; those that repeat an older one have
/// only the time of the last. Those of an autoscaler of its name that was there before are left
/// out.
ScaleHistory scale_history(const Autoscaler& hpa, const std::vector<ClusterEvent>& events);

}  // namespace drover::plans
