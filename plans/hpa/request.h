#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "inventory/cluster/autoscaler.h"

/// What `hpa` asks of the API and sends to it.
namespace drover::plans {

struct AutoscalerQuery {
  std::string ns;        ///< "": all namespaces
  std::string name;      ///< "": all
  std::string selector;  ///< as kubectl takes it; "": all
  std::string fields;    ///< likewise
};

ApiRequest list_autoscalers(const AutoscalerQuery& query);
/// All that changes after `resource_version`, for at most five minutes.
ApiRequest watch_autoscalers(const AutoscalerQuery& query, std::string_view resource_version);
ApiRequest get_autoscaler(const std::string& ns, const std::string& name);
/// Only this very object, whatever bears its name by then.
ApiRequest delete_autoscaler(const Autoscaler& hpa);

/// How many pods its target wants. Refused: a kind that is none of Kubernetes' own.
Result<ApiRequest> get_scale(const std::string& ns, const Autoscaler::Target& target);
ApiRequest pods_of(const std::string& ns, const std::string& selector);
ApiRequest measured_pods_of(const std::string& ns, const std::string& selector);
ApiRequest budgets_of(const std::string& ns);
ApiRequest events_of(const Autoscaler& hpa);
/// The pods that say how the controller was started.
ApiRequest controller_managers();

/// What the operator wants to have made.
struct NewAutoscaler {
  std::string ns = "default";
  std::string name;
  Autoscaler::Target target;
  int min = 1;
  int max = 0;
  std::vector<ScaleMetric> metrics;
  std::optional<ScaleRules> up;
  std::optional<ScaleRules> down;
};

/// `KIND/NAME` as kubectl takes it: `deploy/web`, `sts/db`.
Result<Autoscaler::Target> parse_scale_target(std::string_view text);
/// `--cpu 70%`, `--memory 512Mi`: of the requests, or an amount of each pod.
Result<ScaleMetric> parse_resource_metric(const std::string& resource, std::string_view text);
/// `--metric requests_per_second=100`: of each pod.
Result<ScaleMetric> parse_pods_metric(std::string_view text);
/// `4/60s`, `50%/5m`.
Result<ScalePolicy> parse_scale_policy(std::string_view option, std::string_view text);

/// Its body is the object; Usage where the API server would refuse it.
Result<ApiRequest> create_autoscaler(const NewAutoscaler& wish);

}  // namespace drover::plans
