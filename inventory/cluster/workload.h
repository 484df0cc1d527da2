#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// An apps/v1 Deployment, StatefulSet or DaemonSet: what tells whether its roll-out is complete
/// (domain.md §5.5), and whether its pods are there.
struct Workload {
  std::string kind;  ///< Deployment, StatefulSet or DaemonSet
  std::string ns;
  std::string name;
  std::vector<std::string> images;
  int wanted = 0;         ///< spec.replicas, or status.desiredNumberScheduled
  int updated = 0;        ///< updatedReplicas, or updatedNumberScheduled
  int available = 0;      ///< availableReplicas, or numberAvailable
  bool observed = false;  ///< status.observedGeneration has reached metadata.generation

  bool rolled_out() const { return observed && updated >= wanted && available >= wanted; }
  std::string full_name() const { return ns + "/" + name; }
};

/// `kind` is Deployment, StatefulSet or DaemonSet: the items of a list do not say it themselves.
Result<Workload> parse_workload(std::string_view json, std::string_view kind);
Result<std::vector<Workload>> parse_workload_list(std::string_view json, std::string_view kind);

}  // namespace drover
