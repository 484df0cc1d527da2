#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/base/version.h"
#include "inventory/cluster/api_service.h"
#include "inventory/cluster/usage.h"
#include "inventory/cluster/workload.h"
#include "inventory/manifest.h"

/// metrics-server: what it is made of, and whether it works.
namespace drover::plans {

struct MetricsServerOptions {
  std::string image;                  ///< whole, with its tag
  bool kubelet_insecure_tls = false;  ///< do not verify the certificates of kubelets
};

/// In the order in which they are made; removed in the opposite one.
std::vector<Manifest> metrics_server_objects(const MetricsServerOptions& options);

/// "registry.k8s.io/metrics-server/metrics-server:v0.8.1": what fits the cluster's version.
/// Refused where none is known to. `registry`: "" for the usual one.
Result<std::string> metrics_server_image(KubeVersion cluster, const std::string& registry);

/// What is known of it.
struct MetricsServerState {
  std::optional<Workload> deployment;  ///< nothing: there is none
  std::optional<ApiService> service;   ///< of v1beta1.metrics.k8s.io
  std::string no_figures;              ///< why the API has no figures; "": it has
  bool forbidden = false;              ///< the user of this connection may not read them
  std::vector<NodeUsage> measured;
  std::vector<std::string> nodes;  ///< that are Ready; the others cannot be measured
  std::vector<std::string> not_ready;

  size_t measured_nodes() const;  ///< of `nodes`
  bool installed() const { return deployment || service; }
  /// The first that is missing for it to be well: "its pod is not available yet". "": nothing.
  std::string missing() const;
};

}  // namespace drover::plans
