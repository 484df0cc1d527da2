#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/json.h"
#include "inventory/cluster/quantity.h"

/// autoscaling/v2 HorizontalPodAutoscaler.
namespace drover {

/// Of what a metric shall have, or has: only what is given.
struct MetricValue {
  std::optional<int> utilization;         ///< average, in hundredths of the requests
  std::optional<Quantity> average_value;  ///< of a pod
  std::optional<Quantity> value;          ///< of all together
};

struct ScaleMetric {
  enum class Source { Resource, ContainerResource, Pods, Object, External };
  Source source = Source::Resource;
  std::string name;       ///< "cpu", "memory", or of the metric
  std::string container;  ///< ContainerResource
  std::string object;     ///< Object: "Ingress/web"
  MetricValue target;     ///< in a status: what was measured
};

struct ScalePolicy {
  bool percent = false;  ///< of the replicas at the beginning of the period; otherwise pods
  int value = 0;
  std::chrono::seconds period{0};
};

/// How fast it may go in one direction. What is absent has the controller's default.
struct ScaleRules {
  enum class Select { Max, Min, Disabled };
  Select select = Select::Max;
  std::optional<std::chrono::seconds> window;  ///< of stabilisation
  std::vector<ScalePolicy> policies;
  std::optional<double> tolerance;
};

struct AutoscalerCondition {
  std::string type;  ///< AbleToScale, ScalingActive, ScalingLimited
  bool holds = false;
  std::string reason;
  std::string message;
  std::string since;  ///< RFC 3339
};

struct Autoscaler {
  std::string ns;
  std::string name;
  std::string uid;
  std::string resource_version;
  std::string created;  ///< RFC 3339
  struct Target {
    std::string api_version;
    std::string kind;
    std::string name;
  } target;
  int min = 1;
  int max = 0;
  std::vector<ScaleMetric> metrics;
  bool has_behavior = false;  ///< without one, the controller goes by rules of its own
  ScaleRules up;
  ScaleRules down;
  // Its status.
  int current = 0;
  int desired = 0;
  std::string last_scaled;  ///< RFC 3339; "": never
  std::vector<ScaleMetric> measured;
  std::vector<AutoscalerCondition> conditions;

  std::string full_name() const { return ns + "/" + name; }
  const AutoscalerCondition* condition(std::string_view type) const;  ///< nullptr: not there
  /// What the status says of `metrics[index]`; nullptr when it says nothing, or cannot be told from
  /// what it says of another of the same name.
  const ScaleMetric* measured_of(size_t index) const;
};

Autoscaler read_autoscaler(const JsonField& object);
Result<Autoscaler> parse_autoscaler(std::string_view json);

struct AutoscalerList {
  std::string resource_version;  ///< to watch on from
  std::vector<Autoscaler> items;
};
Result<AutoscalerList> parse_autoscaler_list(std::string_view json);

/// autoscaling/v1 Scale: how many pods a workload wants, has, and which they are.
struct Scale {
  int wanted = 0;
  int current = 0;
  std::string selector;  ///< as kubectl's -l takes it; "": it does not say
};
Result<Scale> parse_scale(std::string_view json);

}  // namespace drover
