#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/quantity.h"

/// What an autoscaler's controller looks at in a pod, and in what was measured of it.
namespace drover {

using Amounts = std::map<std::string, Quantity>;  ///< by the name of the resource

struct ScaledPod {
  std::string name;
  std::string node;   ///< "": not on any
  std::string phase;  ///< Pending, Running, Succeeded, Failed, Unknown
  bool deleting = false;
  std::string started;  ///< RFC 3339 of status.startTime; "": not yet
  struct Readiness {
    bool holds = false;
    bool denied = false;  ///< the condition says False, not Unknown
    std::string since;    ///< RFC 3339
  };
  std::optional<Readiness> ready;  ///< nothing: no such condition
  struct Container {
    std::string name;
    Amounts requests;
  };
  std::vector<Container> containers;  ///< and those beside them that keep running
  std::optional<Amounts> requests;    ///< of the pod as a whole, where it says so itself

  bool is_ready() const { return ready && ready->holds; }
};
Result<std::vector<ScaledPod>> parse_scaled_pods(std::string_view pod_list);

/// Of metrics.k8s.io/v1beta1, container by container.
struct MeasuredPod {
  std::string name;
  std::string time;                     ///< RFC 3339: the end of the
  std::chrono::milliseconds window{0};  ///< that was measured
  struct Container {
    std::string name;
    Amounts usage;
  };
  std::vector<Container> containers;
};
Result<std::vector<MeasuredPod>> parse_measured_pods(std::string_view pod_metrics_list);

}  // namespace drover
