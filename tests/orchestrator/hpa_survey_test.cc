#include "orchestrator/hpa_survey.h"

#include <catch2/catch.hpp>
#include <map>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

constexpr const char* kHpa = "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers/web";
constexpr const char* kScale = "/apis/apps/v1/namespaces/shop/deployments/web/scale";
constexpr const char* kPods = "/api/v1/namespaces/shop/pods?labelSelector=app%3Dweb";
constexpr const char* kMeasured =
    "/apis/metrics.k8s.io/v1beta1/namespaces/shop/pods?labelSelector=app%3Dweb";
constexpr const char* kManagers =
    "/api/v1/namespaces/kube-system/pods?labelSelector=component%3Dkube-controller-manager";

std::string pod(const std::string& name, const std::string& node) {
  return R"({"metadata":{"name":")" + name +
         R"(","namespace":"shop","labels":{"app":"web"}},"spec":{"nodeName":")" + node +
         R"(","containers":[{"name":"app","resources":{"requests":{"cpu":"100m"}}}]},
   "status":{"phase":"Running","startTime":"2026-09-21T00:00:00Z","conditions":[{"type":"Ready",
    "status":"True","lastTransitionTime":"2026-09-21T00:00:05Z"}]}})";
}

std::string measured(const std::string& name) {
  return R"({"metadata":{"name":")" + name +
         R"("},"timestamp":"2026-09-21T12:00:00Z","window":"15s",
   "containers":[{"name":"app","usage":{"cpu":"90m"}}]})";
}

/// A workload of two pods that use nine tenths of their requests, and shall use half.
class HpaSurveyWorld {
 public:
  HpaSurveyWorld() {
    bodies[kHpa] = R"({"metadata":{"name":"web","namespace":"shop"},"spec":{"scaleTargetRef":
      {"apiVersion":"apps/v1","kind":"Deployment","name":"web"},"minReplicas":2,"maxReplicas":10,
      "metrics":[{"type":"Resource","resource":{"name":"cpu","target":{"averageUtilization":50}}}]}})";
    bodies[kScale] = R"({"metadata":{"name":"web"},"spec":{"replicas":2},
      "status":{"replicas":2,"selector":"app=web"}})";
    bodies[kPods] = R"({"kind":"PodList","items":[)" + pod("a", "w1") + "," + pod("b", "w2") + "]}";
    bodies[kMeasured] =
        R"({"kind":"PodMetricsList","items":[)" + measured("a") + "," + measured("b") + "]}";
    bodies[kManagers] =
        R"({"kind":"PodList","items":[{"metadata":{"name":"m"},"spec":{"containers":[
      {"command":["kube-controller-manager","--horizontal-pod-autoscaler-tolerance=0.9"]}]}}]})";
    bodies["/apis/policy/v1/namespaces/shop/poddisruptionbudgets"] = R"({"items":[]})";
    bodies
        ["/api/v1/namespaces/shop/events?fieldSelector=involvedObject.kind%3D"
         "HorizontalPodAutoscaler%2CinvolvedObject.name%3Dweb"] =
            R"({"kind":"EventList","metadata":{},"items":[]})";
    api.on_get = [this](const ApiRequest& request) -> Result<ApiResponse> {
      if (request.path == forbidden) return ApiResponse{.status = 403, .body = "{}"};
      const auto found = bodies.find(request.path);
      if (found == bodies.end()) return ApiResponse{.status = 404, .body = "404 page not found"};
      return ApiResponse{.status = 200, .body = found->second};
    };
  }

  Result<ScaleExplanation> explain() { return explain_autoscaler(api, clock, "shop", "web", {}); }

  std::map<std::string, std::string> bodies;
  std::string forbidden;
  test::FakeApi api;
  test::FakeClock clock;
};

}  // namespace

TEST_CASE("an autoscaler is explained from what the API says") {
  HpaSurveyWorld world;
  const auto explained = world.explain();
  REQUIRE(explained);
  CHECK(explained->situation.settings.tolerance == 0.9);
  CHECK(explained->decision.proposals.front().measured == 90);
  CHECK(explained->decision.proposals.front().rule == plans::ProposalRule::WithinTolerance);
  CHECK(explained->fits.size() == 2);
  // Where the controller's pods cannot be seen, its defaults are taken.
  world.bodies.erase(kManagers);
  CHECK(world.explain()->decision.replicas == 4);
}

TEST_CASE("an autoscaler without figures is explained too") {
  HpaSurveyWorld world;
  world.bodies.erase(kMeasured);
  const auto explained = world.explain();
  REQUIRE(explained);
  CHECK(explained->decision.which == plans::ScaleCase::Blind);
  CHECK(explained->decision.proposals.front().failure.find("metrics-server is not installed") == 0);
  world.bodies[kMeasured] = R"({"kind":"PodMetricsList","items":[]})";
  CHECK(world.explain()->decision.proposals.front().failure == "no pod has been measured");
}

TEST_CASE("the right to read figures is named where it is missing") {
  HpaSurveyWorld world;
  world.forbidden = kMeasured;
  const auto explained = world.explain();
  REQUIRE(explained);
  CHECK(explained->decision.which == plans::ScaleCase::Blind);
  CHECK(explained->decision.proposals.front().failure.find(
            "verbs [\"list\"], apiGroups [\"metrics.k8s.io\"], resources [\"pods\"], in namespace "
            "shop") != std::string::npos);
}

TEST_CASE("an autoscaler that is not there, and a workload that is not") {
  HpaSurveyWorld world;
  world.bodies.erase(kScale);
  CHECK(world.explain().error().kind == ErrorKind::Api);
  world.bodies[kScale] = R"({"metadata":{"name":"web"},"spec":{},"status":{"replicas":0}})";
  CHECK(world.explain().error().message.find("does not say which pods") != std::string::npos);
  world.bodies.erase(kHpa);
  const auto none = world.explain();
  REQUIRE_FALSE(none);
  CHECK(none.error().kind == ErrorKind::Refused);
  CHECK(none.error().message == "there is no autoscaler web in namespace shop");
}

}  // namespace drover::orchestrator
