#include "inventory/cluster/usage.h"

#include <catch2/catch.hpp>
#include <string>

namespace drover {
namespace {

PodClaim claim_of(const std::string& spec) {
  const auto claims = parse_pod_claims(
      R"({"kind":"PodList","items":[{"metadata":{"namespace":"a","name":"p"},"spec":)" + spec +
      R"(,"status":{"phase":"Running"}}]})");
  REQUIRE(claims);
  return claims->front();
}

std::string container(const std::string& requests, const std::string& limits = "{}",
                      const std::string& more = "") {
  return R"({"name":"c",)" + more + R"("resources":{"requests":)" + requests + R"(,"limits":)" +
         limits + "}}";
}

}  // namespace

TEST_CASE("a pod claims what its containers do") {
  const PodClaim claim =
      claim_of(R"({"nodeName":"w1","overhead":{"cpu":"50m"},"containers":[)" +
               container(R"({"cpu":"100m","memory":"1Gi"})", R"({"cpu":"1","memory":"2Gi"})") +
               "," + container(R"({"cpu":"0.2"})", R"({"memory":"1Gi"})") + "]}");
  CHECK(claim.node == "w1");
  CHECK(claim.holds());
  CHECK(claim.requests.cpu.milli() == 350);
  CHECK(claim.requests.memory.value() == 1 << 30);
  CHECK(claim.limits.cpu == Quantity());  // one of them has none
  CHECK(claim.limits.memory.value() == std::int64_t{3} << 30);
}

TEST_CASE("containers that run before count where they need more, those that stay in addition") {
  const std::string always = R"("restartPolicy":"Always",)";
  const PodClaim large = claim_of(R"({"initContainers":[)" + container(R"({"cpu":"2"})") +
                                  R"(],"containers":[)" + container(R"({"cpu":"1"})") + "]}");
  CHECK(large.requests.cpu.milli() == 2000);
  const PodClaim beside = claim_of(
      R"({"initContainers":[)" + container(R"({"cpu":"1"})", "{}", always) + "," +
      container(R"({"cpu":"500m"})") + R"(],"containers":[)" + container(R"({"cpu":"1"})") + "]}");
  CHECK(beside.requests.cpu.milli() == 2000);
  const PodClaim both = claim_of(
      R"({"initContainers":[)" + container(R"({"cpu":"1"})", "{}", always) + "," +
      container(R"({"cpu":"3"})") + R"(],"containers":[)" + container(R"({"cpu":"1"})") + "]}");
  CHECK(both.requests.cpu.milli() == 4000);
}

TEST_CASE("what metrics-server says") {
  const auto nodes = parse_node_usage(
      R"({"kind":"NodeMetricsList","apiVersion":"metrics.k8s.io/v1beta1","items":[
          {"metadata":{"name":"n1"},"timestamp":"2026-01-01T00:00:00Z","window":"10.062s",
           "usage":{"cpu":"156085151n","memory":"1234567Ki"}}]})");
  REQUIRE(nodes);
  CHECK(nodes->front().name == "n1");
  CHECK(nodes->front().time == "2026-01-01T00:00:00Z");
  CHECK(nodes->front().used.cpu.milli() == 157);
  CHECK(nodes->front().used.memory.value() == 1'264'196'608);
  const auto pods = parse_pod_usage(R"({"kind":"PodMetricsList","items":[
      {"metadata":{"name":"p","namespace":"a"},"containers":[
        {"name":"x","usage":{"cpu":"1n","memory":"1Ki"}},{"name":"y","usage":{"cpu":"2n"}}]}]})");
  REQUIRE(pods);
  CHECK(pods->front().used.cpu == *Quantity::parse("3n"));
  CHECK(pods->front().used.memory.value() == 1024);
  CHECK(parse_node_usage(R"({"kind":"NodeMetricsList","items":[{"metadata":{"name":"n"},
                             "usage":{"cpu":"lots"}}]})")
            .error()
            .message == "NodeMetrics n: usage.cpu is not an amount");
}

}  // namespace drover
