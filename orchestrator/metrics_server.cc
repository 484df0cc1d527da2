#include "orchestrator/metrics_server.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/json.h"
#include "inventory/cluster/node.h"
#include "orchestrator/http_status.h"
#include "plans/usage/usage.h"

namespace drover::orchestrator {
namespace {

using plans::MetricsServerState;
using std::chrono::seconds;

constexpr int kForbidden = 403;
constexpr seconds kBetweenFigures{2};
constexpr seconds kTimeout{60};
constexpr const char* kDeployment =
    "/apis/apps/v1/namespaces/kube-system/deployments/metrics-server";
constexpr const char* kServices = "/apis/apiregistration.k8s.io/v1/apiservices";
constexpr const char* kService = "v1beta1.metrics.k8s.io";

Result<std::string> read(remote::ApiReader& api, const ApiRequest& request, std::stop_token stop) {
  DROVER_TRY_ASSIGN(ApiResponse answer, api.get(request, stop));
  if (!answer.ok()) return refusal(request, answer);
  return std::move(answer.body);
}

Status read_deployment(remote::ApiReader& api, MetricsServerState& state, std::stop_token stop) {
  const ApiRequest request{.path = kDeployment};
  DROVER_TRY_ASSIGN(const ApiResponse answer, api.get(request, stop));
  if (answer.status == kNotFound) return {};
  if (!answer.ok()) return refusal(request, answer);
  DROVER_TRY_ASSIGN(state.deployment, parse_workload(answer.body, "Deployment"));
  return {};
}

Status read_service(remote::ApiReader& api, MetricsServerState& state, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const std::string body,
                    read(api, {.path = kServices, .timeout = kTimeout}, stop));
  DROVER_TRY_ASSIGN(const auto services, parse_api_service_list(body));
  const auto found = std::find_if(services.begin(), services.end(),
                                  [](const ApiService& each) { return each.name == kService; });
  if (found != services.end()) state.service = *found;
  return {};
}

Status read_figures(remote::ApiReader& api, MetricsServerState& state, std::stop_token stop) {
  const ApiRequest nodes = plans::nodes_request({});
  DROVER_TRY_ASSIGN(const std::string body, read(api, nodes, stop));
  DROVER_TRY_ASSIGN(const auto all, parse_node_list(body));
  for (const Node& node : all) (node.ready ? state.nodes : state.not_ready).push_back(node.name);
  const ApiRequest usage = plans::node_usage_request({});
  DROVER_TRY_ASSIGN(const ApiResponse answer, api.get(usage, stop));
  if (!answer.ok()) {
    state.no_figures = plans::usage_refusal_text(usage, answer);
    state.forbidden = answer.status == kForbidden;
    return {};
  }
  DROVER_TRY_ASSIGN(state.measured, parse_node_usage(answer.body));
  return {};
}

}  // namespace

Result<MetricsServerState> look_at_metrics_server(remote::ApiReader& api, std::stop_token stop) {
  MetricsServerState state;
  DROVER_TRY(read_deployment(api, state, stop));
  DROVER_TRY(read_service(api, state, stop));
  DROVER_TRY(read_figures(api, state, stop));
  return state;
}

Result<MetricsServerState> await_metrics_server(remote::ApiReader& api, remote::Clock& clock,
                                                seconds timeout,
                                                const std::function<void(const std::string&)>& tell,
                                                std::stop_token stop) {
  const remote::Instant deadline = clock.now() + timeout;
  std::string told;
  for (;;) {
    DROVER_TRY_ASSIGN(MetricsServerState state, look_at_metrics_server(api, stop));
    const std::string missing = state.missing();
    const remote::Instant next = clock.now() + kBetweenFigures;
    // Nobody grants a right while it is waited for.
    if (missing.empty() || state.forbidden || next > deadline) return state;
    if (missing != told) tell("waiting for metrics-server: " + sanitise(missing));
    told = missing;
    if (!clock.wait_until(next, stop))
      return Error{.kind = ErrorKind::Cancelled,
                   .message = "stopped while waiting for metrics-server: " + sanitise(missing)};
  }
}

Result<KubeVersion> read_cluster_version(remote::ApiReader& api, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const std::string body, read(api, {.path = "/version"}, stop));
  DROVER_TRY_ASSIGN(const JsonValue parsed, parse_json(body, "Version"));
  std::string problem;
  std::string version = JsonField(&parsed, "", &problem)["gitVersion"].text();
  // What a vendor adds to it: "v1.33.13+vendor1".
  version = version.substr(0, version.find_first_of("+-"));
  Result<KubeVersion> read = parse_kube_version(version);
  if (read) return read;
  return Error{.kind = ErrorKind::Api,
               .message = fmt::format("GET /version: \"{}\" is no version", sanitise(version))};
}

}  // namespace drover::orchestrator
