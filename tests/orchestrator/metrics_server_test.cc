#include "orchestrator/metrics_server.h"

#include <catch2/catch.hpp>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

/// A metrics-server that comes up while it is looked at: its pod after ten seconds, its APIService
/// after twenty, figures of one node after thirty and of both after forty.
class MetricsServerWorld {
 public:
  MetricsServerWorld() {
    api.on_get = [this](const ApiRequest& request) -> Result<ApiResponse> {
      const auto ok = [](std::string body) { return ApiResponse{.status = 200, .body = body}; };
      const auto age = clock.now() - remote::Instant();
      if (request.path.find("/deployments/") != std::string::npos)
        return ok(
            R"({"metadata":{"name":"metrics-server","namespace":"kube-system"},"spec":{"replicas":1,
          "template":{"spec":{"containers":[{"image":"r/ms:1"}]}}},"status":{"updatedReplicas":1,
          "availableReplicas":)" +
            std::string(age >= seconds(10) ? "1" : "0") + "}}");
      if (request.path.find("apiservices") != std::string::npos)
        return ok(
            R"({"items":[{"metadata":{"name":"v1beta1.metrics.k8s.io"},"status":{"conditions":[
          {"type":"Available","reason":"MissingEndpoints","status":")" +
            std::string(age >= seconds(20) ? "True" : "False") + R"("}]}}]})");
      if (request.path == "/api/v1/nodes")
        return ok(R"({"items":[)" + node("a", "True") + "," + node("b", "True") + "," +
                  node("c", "False") + "]}");
      if (request.path.find("metrics.k8s.io") == std::string::npos) return ok(version);
      if (forbidden)
        return ApiResponse{.status = 403, .body = R"({"kind":"Status","message":"no"})"};
      if (age < seconds(20)) return ApiResponse{.status = 503, .body = "service unavailable"};
      std::string items = age >= seconds(30) ? R"({"metadata":{"name":"a"}})" : "";
      if (age >= seconds(40)) items += R"(,{"metadata":{"name":"b"}})";
      return ok(R"({"items":[)" + items + "]}");
    };
  }

  static std::string node(const std::string& name, const std::string& ready) {
    return R"({"metadata":{"name":")" + name +
           R"("},"status":{"conditions":[{"type":"Ready","status":")" + ready + R"("}]}})";
  }

  Result<plans::MetricsServerState> await(seconds timeout, std::stop_token stop = {}) {
    return await_metrics_server(
        api, clock, timeout, [this](const std::string& text) { told += text + "\n"; }, stop);
  }

  test::FakeApi api;
  test::FakeClock clock;
  std::string version = R"({"gitVersion":"v1.33.13+vendor1"})";
  std::string told;
  bool forbidden = false;
};

}  // namespace

TEST_CASE("metrics-server is waited for, with what is still missing") {
  MetricsServerWorld world;
  const auto state = world.await(seconds(300));
  REQUIRE(state);
  CHECK(state->missing().empty());
  CHECK(state->not_ready == std::vector<std::string>{"c"});
  CHECK(world.clock.now() - remote::Instant() == seconds(40));
  CHECK(world.told ==
        "waiting for metrics-server: its Deployment has 0 of 1 pods available\n"
        "waiting for metrics-server: its APIService is not available: MissingEndpoints\n"
        "waiting for metrics-server: it has measured no node yet\n"
        "waiting for metrics-server: it has measured 1 of 2 nodes\n");
}

TEST_CASE("and not for longer than it may take") {
  MetricsServerWorld world;
  const auto state = world.await(seconds(15));
  REQUIRE(state);
  CHECK(state->missing() == "its APIService is not available: MissingEndpoints");
  CHECK(world.clock.now() - remote::Instant() <= seconds(15));
  std::stop_source stop;
  stop.request_stop();
  MetricsServerWorld stopped;
  CHECK(stopped.await(seconds(15), stop.get_token()).error().kind == ErrorKind::Cancelled);
}

TEST_CASE("a right that is missing is not waited for, and named") {
  MetricsServerWorld world;
  world.forbidden = true;
  const auto state = world.await(seconds(300));
  REQUIRE(state);
  CHECK(world.clock.now() == remote::Instant());
  CHECK(world.told.empty());
  CHECK(state->missing().find("verbs [\"list\"], apiGroups [\"metrics.k8s.io\"], resources "
                              "[\"nodes\"], cluster-wide") != std::string::npos);
}

TEST_CASE("the version of a cluster, whatever its vendor adds") {
  MetricsServerWorld world;
  CHECK(*read_cluster_version(world.api, {}) == KubeVersion{1, 33, 13});
  world.version = R"({"gitVersion":"new"})";
  CHECK(read_cluster_version(world.api, {}).error().message ==
        "GET /version: \"new\" is no version");
}

}  // namespace drover::orchestrator
