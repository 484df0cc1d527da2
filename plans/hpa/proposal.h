#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inventory/cluster/autoscaler.h"
#include "inventory/cluster/scaled_pod.h"
#include "plans/timestamp.h"

/// How many replicas one metric calls for, by the arithmetic of the HorizontalPodAutoscaler's
/// controller. All amounts are in thousandths, and whole, as there.
namespace drover::plans {

/// What the controller-manager was started with.
struct ScaleSettings {
  double tolerance = 0.1;
  std::chrono::seconds cpu_initialization{300};  ///< a new pod's CPU counts once it is ready, and
  std::chrono::seconds initial_readiness{30};    ///< one that was never ready after this not at all
  std::chrono::seconds down_stabilization{300};
  std::chrono::seconds sync{15};
};
/// Its flags `--horizontal-pod-autoscaler-*`; the default where one is absent or cannot be read.
ScaleSettings read_scale_settings(const std::vector<std::string>& command_line);

struct Tolerances {
  double down = 0.1;
  double up = 0.1;
  bool within(double ratio) const { return 1.0 - down <= ratio && ratio <= 1.0 + up; }
};
Tolerances tolerances_of(const Autoscaler& hpa, const ScaleSettings& settings);

enum class PodStand {
  Counted,
  NotReady,  ///< set aside; for 0 when more replicas are called for
  Missing,   ///< not measured: for all that it may use when fewer are called for, for 0 when more
  Ignored,   ///< it is going, or has failed
};

struct PodShare {
  std::string name;
  PodStand stand = PodStand::Counted;
  std::int64_t used = 0;  ///< Counted: what was measured; otherwise what is assumed
  std::int64_t request = 0;
};

/// Which rule had the last word on a metric.
enum class ProposalRule {
  Ratio,            ///< ceil(pods × ratio)
  WithinTolerance,  ///< as many as there are
  Reverses,         ///< with what is assumed of the others, it would go the other way: as many
  CountReverses,    ///< it would go the other way for the number of pods that count: as many
  Failed,           ///< no proposal
};

struct Proposal {
  std::string metric;  ///< "cpu", "memory of container app", "requests_per_second of pods"
  ProposalRule rule = ProposalRule::Failed;
  int replicas = 0;
  std::string failure;    ///< Failed: why
  bool relative = false;  ///< figures are hundredths of the requests; otherwise thousandths
  bool bytes = false;     ///< thousandths of bytes, then; otherwise of a core or of what it counts
  std::int64_t measured = 0;
  std::int64_t target = 0;
  double ratio = 0;                     ///< measured / target
  std::optional<double> assumed_ratio;  ///< with the pods that were set aside or not measured
  int counts = 0;                       ///< pods that the last ratio was multiplied with
  bool presumed = false;                ///< that each pod which runs has the metric
  std::vector<PodShare> pods;           ///< empty for a metric that is not the pods' own

  int number_of(PodStand stand) const;
};

/// What is measured of the pods of one metric: by pod, and when.
struct PodSample {
  std::int64_t value = 0;
  std::optional<Timestamp> time;
  std::chrono::milliseconds window{0};
};
using PodSamples = std::map<std::string, PodSample>;
/// Of a resource; of one container when it is named. A pod of which anything is missing is left
/// out.
PodSamples samples_of(const std::vector<MeasuredPod>& measured, const std::string& resource,
                      const std::string& container);

/// `metric` is Resource or ContainerResource, `wanted` the replicas that the workload wants.
Proposal propose_by_pods(const ScaleMetric& metric, int wanted, const std::vector<ScaledPod>& pods,
                         const PodSamples& samples, const Tolerances& tolerances,
                         const ScaleSettings& settings, Timestamp now);

/// `metric` is Pods, `measured` what the autoscaler's status says of it: the controller's own last
/// average, of the pods that count.
Proposal propose_by_average(const ScaleMetric& metric, const MetricValue& measured, int wanted,
                            const std::vector<ScaledPod>& pods, const Tolerances& tolerances);

/// `metric` is Object or External with a target for all pods together.
Proposal propose_by_value(const ScaleMetric& metric, const MetricValue& measured, int wanted,
                          const std::vector<ScaledPod>& pods, const Tolerances& tolerances);

/// The same with a target for each pod. `existing`: the pods that there are (the Scale's status).
Proposal propose_by_share(const ScaleMetric& metric, const MetricValue& measured, int existing,
                          const Tolerances& tolerances);

/// "cpu", "memory of container app", "hits of Ingress/web", "queue_length (external)".
std::string metric_text(const ScaleMetric& metric);

}  // namespace drover::plans
