#include <catch2/catch.hpp>

#include "plans/addons/apply.h"
#include "plans/addons/metrics_server.h"
#include "tests/support/golden.h"

namespace drover::plans {
namespace {

Manifest of(const std::string& version, const std::string& kind, const std::string& name,
            const std::string& ns = "") {
  return {.api_version = version, .kind = kind, .name = name, .ns = ns, .text = kind};
}

MetricsServerState well() {
  MetricsServerState state;
  state.deployment = Workload{.wanted = 1, .updated = 1, .available = 1, .observed = true};
  state.service = ApiService{.available = true};
  state.nodes = {"a", "b", "c"};
  for (const std::string& node : state.nodes) state.measured.push_back({node, "", {}});
  return state;
}

std::string missing(void (*change)(MetricsServerState&)) {
  MetricsServerState state = well();
  change(state);
  return state.missing();
}

}  // namespace

TEST_CASE("what others need is applied first, the rest as it stands") {
  std::string order;
  for (const Manifest& each :
       in_order({of("v1", "Service", "a"), of("x/v1", "CustomResourceDefinition", "b"),
                 of("example.com/v1", "Thing", "c"), of("v1", "Namespace", "d"),
                 of("v1", "ConfigMap", "e")}))
    order += each.name;
  CHECK(order == "dbace");
}

TEST_CASE("how an object is sent") {
  const ApiResource deployments{"Deployment", "deployments", true};
  const ApiResource roles{"ClusterRole", "clusterroles", false};
  CHECK(resources_request(of("v1", "Service", "a")).path == "/api/v1");
  CHECK(resources_request(of("apps/v1", "Deployment", "a")).path == "/apis/apps/v1");
  CHECK(object_path(of("apps/v1", "Deployment", "a", "own"), deployments, "other") ==
        "/apis/apps/v1/namespaces/own/deployments/a");
  CHECK(object_path(of("apps/v1", "Deployment", "a"), deployments, "other") ==
        "/apis/apps/v1/namespaces/other/deployments/a");
  CHECK(object_path(of("r/v1", "ClusterRole", "system:a/../b"), roles, "other") ==
        "/apis/r/v1/clusterroles/system%3Aa%2F..%2Fb");
  const ApiRequest request = apply_request(of("v1", "Service", "a"), "/path", false);
  CHECK(request.verb == Verb::Patch);
  CHECK(request.path == "/path?fieldManager=drover");
  CHECK(request.content_type() == "application/apply-patch+yaml");
  CHECK(request.body == "Service");
  CHECK(apply_request(of("v1", "Service", "a"), "/path", true).path ==
        "/path?fieldManager=drover&force=true");
  CHECK(delete_request("/path", "u").body.find(R"("preconditions":{"uid":"u"})") !=
        std::string::npos);
}

TEST_CASE("what metrics-server is made of") {
  const auto objects = metrics_server_objects({.image = "r/ms:1", .kubelet_insecure_tls = true});
  std::string text;
  for (const Manifest& each : objects) text += each.text + "\n";
  test::check_golden("requests/metrics_server.jsonl", text);
  CHECK(objects.front().full_name() == "ServiceAccount kube-system/metrics-server");
  CHECK(objects.back().full_name() == "APIService v1beta1.metrics.k8s.io");
  for (const Manifest& each : metrics_server_objects({.image = "r/ms:1"}))
    CHECK(each.text.find("insecure-tls") == std::string::npos);
}

TEST_CASE("the metrics-server that fits a cluster") {
  CHECK(*metrics_server_image({1, 34, 4}, "") ==
        "registry.k8s.io/metrics-server/metrics-server:v0.8.1");
  CHECK(*metrics_server_image({1, 31, 0}, "m.example/k8s") ==
        "m.example/k8s/metrics-server/metrics-server:v0.8.1");
  CHECK(metrics_server_image({1, 30, 9}, "")->ends_with(":v0.7.2"));
  CHECK(metrics_server_image({1, 25, 0}, "")->ends_with(":v0.6.4"));
  CHECK(metrics_server_image({1, 24, 9}, "").error().kind == ErrorKind::Refused);
}

TEST_CASE("what metrics-server lacks, the first first") {
  CHECK(missing([](MetricsServerState&) {}).empty());
  CHECK(missing([](MetricsServerState& s) { s.deployment.reset(); }).find("there is no") == 0);
  CHECK(missing([](MetricsServerState& s) { s.deployment->available = 0; }) ==
        "its Deployment has 0 of 1 pods available");
  CHECK(missing([](MetricsServerState& s) { s.service.reset(); }).find("the APIService") == 0);
  CHECK(missing([](MetricsServerState& s) {
          s.service->available = false;
          s.service->reason = "MissingEndpoints";
        }) == "its APIService is not available: MissingEndpoints");
  CHECK(missing([](MetricsServerState& s) { s.no_figures = "503"; }) == "503");
  CHECK(missing([](MetricsServerState& s) { s.measured.clear(); }) ==
        "it has measured no node yet");
  CHECK(missing([](MetricsServerState& s) { s.measured.pop_back(); }) ==
        "it has measured 2 of 3 nodes");
  // What is not ready is not waited for, and makes up for none.
  CHECK(missing([](MetricsServerState& s) { s.not_ready = {"d"}; }).empty());
  CHECK(missing([](MetricsServerState& s) {
          s.nodes.pop_back();
          s.measured.erase(s.measured.begin());
        }) == "it has measured 1 of 2 nodes");
  CHECK(missing([](MetricsServerState& s) { s.nodes.clear(); }) == "no node is ready");
}

}  // namespace drover::plans
