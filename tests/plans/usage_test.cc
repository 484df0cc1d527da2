#include "plans/usage/usage.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

Resources of(const char* cpu, const char* memory) {
  return {*Quantity::parse(cpu), *Quantity::parse(memory)};
}

template <class Row>
std::string names(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += row.name + ' ';
  return text;
}

}  // namespace

TEST_CASE("a node's row has what it gives, has promised and uses") {
  const std::vector<NodeRoom> nodes = {
      {"b", {}, of("2", "4Gi")}, {"a", {}, of("2", "4Gi")}, {"c", {}, of("2", "4Gi")}};
  std::vector<PodClaim> pods(4);
  for (PodClaim& pod : pods) {
    pod.node = "a";
    pod.phase = "Running";
    pod.requests = of("100m", "1Gi");
  }
  pods[1].phase = "Succeeded";
  pods[2].node = "";
  pods[3].phase = "Pending";
  const std::vector<NodeUsage> usage = {{"a", "", of("1", "1Gi")}, {"c", "", of("500m", "2Gi")}};
  const auto rows = node_usage_rows(nodes, pods, usage, UsageOrder::Name);
  CHECK(names(rows) == "a c b ");
  CHECK(rows[0].requests.cpu.milli() == 200);
  CHECK(rows[0].requests.memory.value() == std::int64_t{2} << 30);
  CHECK(rows[0].used->cpu.milli() == 1000);
  CHECK(rows[1].requests.cpu == Quantity());
  CHECK_FALSE(rows[2].used);
  CHECK(names(node_usage_rows(nodes, pods, usage, UsageOrder::Cpu)) == "a c b ");
  CHECK(names(node_usage_rows(nodes, pods, usage, UsageOrder::Memory)) == "c a b ");
}

TEST_CASE("pods that have finished are left out, and those not measured come last") {
  std::vector<PodClaim> pods(4);
  for (size_t i = 0; i < pods.size(); ++i) {
    pods[i].ns = "x";
    pods[i].name = std::string(1, static_cast<char>('a' + i));
    pods[i].phase = i == 3 ? "Failed" : "Running";
  }
  const std::vector<PodUsage> usage = {
      {"x", "b", "", of("1", "1")}, {"x", "c", "", of("2", "1")}, {"y", "a", "", of("9", "9")}};
  const auto rows = pod_usage_rows(pods, usage, UsageOrder::Cpu);
  CHECK(names(rows) == "c b a ");
  CHECK_FALSE(rows[2].used);
  CHECK(names(pod_usage_rows(pods, usage, UsageOrder::Memory)) == "b c a ");
}

TEST_CASE("what is asked of the API for usage") {
  CHECK(node_usage_request({}).path == "/apis/metrics.k8s.io/v1beta1/nodes");
  CHECK(pod_usage_request({.selector = "app=web", .ns = "shop"}).path ==
        "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dweb");
  CHECK(pods_request({.selector = "!a"}).path == "/api/v1/pods?labelSelector=%21a");
  CHECK(nodes_request({}).path == "/api/v1/nodes");
  // Of fields metrics know nothing.
  const UsageQuery on_w1{.selector = "app=web", .fields = "spec.nodeName=w1"};
  CHECK(pods_request(on_w1).path ==
        "/api/v1/pods?labelSelector=app%3Dweb&fieldSelector=spec.nodeName%3Dw1");
  CHECK(pod_usage_request(on_w1).path ==
        "/apis/metrics.k8s.io/v1beta1/pods?labelSelector=app%3Dweb");
  CHECK(*parse_usage_order("memory") == UsageOrder::Memory);
  CHECK(parse_usage_order("disk").error().kind == ErrorKind::Usage);
}

TEST_CASE("why there are no figures") {
  const ApiRequest request = node_usage_request({});
  const Error absent = usage_refusal(request, {.status = 404, .body = "404 page not found\n"});
  CHECK(absent.message.find("metrics-server is not installed") == 0);
  CHECK(absent.remedy.find("--kubelet-insecure-tls") != std::string::npos);
  const Error early = usage_refusal(request, {.status = 503, .body = "service unavailable\n"});
  CHECK(early.message ==
        "metrics-server is installed and does not answer: GET /apis/metrics.k8s.io/v1beta1/nodes: "
        "HTTP 503 service unavailable");
  CHECK(early.remedy.find("up to a minute") != std::string::npos);
  const Error denied = usage_refusal(request, {.status = 403, .body = "no"});
  CHECK(denied.remedy.find("apiGroups [\"metrics.k8s.io\"]") != std::string::npos);
}

}  // namespace drover::plans
