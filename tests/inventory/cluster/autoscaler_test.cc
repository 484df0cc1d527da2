#include "inventory/cluster/autoscaler.h"

#include <catch2/catch.hpp>

#include "inventory/base/duration.h"
#include "inventory/cluster/scaled_pod.h"

namespace drover {
namespace {

constexpr const char* kWeb = R"({"kind":"HorizontalPodAutoscaler","apiVersion":"autoscaling/v2",
 "metadata":{"name":"web","namespace":"shop","uid":"u-1","resourceVersion":"42",
  "creationTimestamp":"2026-11-28T08:00:00Z"},
 "spec":{"scaleTargetRef":{"kind":"Deployment","name":"web","apiVersion":"apps/v1"},
  "minReplicas":2,"maxReplicas":10,"metrics":[
   {"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":60}}},
   {"type":"ContainerResource","containerResource":{"name":"memory","container":"app",
     "target":{"type":"AverageValue","averageValue":"512Mi"}}},
   {"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100"}}},
   {"type":"Object","object":{"describedObject":{"kind":"Ingress","name":"web"},"metric":{"name":"hits"},
     "target":{"type":"Value","value":"2k"}}},
   {"type":"External","external":{"metric":{"name":"queue"},"target":{"type":"Value","value":"30"}}}],
  "behavior":{"scaleUp":{"stabilizationWindowSeconds":0,"selectPolicy":"Min","tolerance":"50m",
    "policies":[{"type":"Pods","value":4,"periodSeconds":60},{"type":"Percent","value":10,"periodSeconds":30}]},
   "scaleDown":{"selectPolicy":"Disabled"}}},
 "status":{"currentReplicas":3,"desiredReplicas":4,"lastScaleTime":"2026-11-28T09:00:00Z",
  "currentMetrics":[{"type":"Resource","resource":{"name":"cpu","current":{"averageUtilization":71,"averageValue":"142m"}}},
   {"type":""}],
  "conditions":[{"type":"AbleToScale","status":"True","reason":"ReadyForNewScale","message":"m",
    "lastTransitionTime":"2026-11-28T08:00:15Z"},
   {"type":"ScalingActive","status":"False","reason":"FailedGetResourceMetric","message":"no"}]}})";

}  // namespace

TEST_CASE("an autoscaler as the API has it") {
  const auto hpa = parse_autoscaler(kWeb);
  REQUIRE(hpa);
  CHECK(hpa->full_name() == "shop/web");
  CHECK(hpa->uid == "u-1");
  CHECK(hpa->target.kind == "Deployment");
  CHECK(hpa->min == 2);
  CHECK(hpa->max == 10);
  REQUIRE(hpa->metrics.size() == 5);
  CHECK(hpa->metrics[0].target.utilization == 60);
  CHECK(hpa->metrics[1].container == "app");
  CHECK(hpa->metrics[1].target.average_value->value() == std::int64_t{512} << 20);
  CHECK(hpa->metrics[2].name == "rps");
  CHECK(hpa->metrics[3].object == "Ingress/web");
  CHECK(hpa->metrics[3].target.value->value() == 2000);
  CHECK(hpa->metrics[4].source == ScaleMetric::Source::External);
  CHECK(hpa->has_behavior);
  CHECK(hpa->up.select == ScaleRules::Select::Min);
  CHECK(hpa->up.window == std::chrono::seconds(0));
  CHECK(hpa->up.tolerance == Approx(0.05));
  REQUIRE(hpa->up.policies.size() == 2);
  CHECK(hpa->up.policies[1].percent);
  CHECK(hpa->down.select == ScaleRules::Select::Disabled);
  CHECK_FALSE(hpa->down.window);
  CHECK(hpa->current == 3);
  REQUIRE(hpa->measured.size() == 2);
  CHECK(hpa->measured[0].target.utilization == 71);
  CHECK(hpa->condition("AbleToScale")->holds);
  CHECK(hpa->condition("ScalingActive")->reason == "FailedGetResourceMetric");
  CHECK(hpa->condition("ScalingLimited") == nullptr);
}

TEST_CASE("which figure of a status is whose") {
  const auto external = [](const char* value) {
    ScaleMetric metric{.source = ScaleMetric::Source::External, .name = "queue"};
    metric.target.value = Quantity::parse(value);
    return metric;
  };
  const auto cpu = [](int percent) {
    return ScaleMetric{.name = "cpu", .target = {.utilization = percent}};
  };
  Autoscaler hpa;
  hpa.metrics = {external("10"), cpu(50), external("20")};
  // Two of one name, by their selectors: the place tells.
  hpa.measured = {external("1"), cpu(40), external("2")};
  CHECK(hpa.measured_of(0)->target.value->value() == 1);
  CHECK(hpa.measured_of(1)->target.utilization == 40);
  CHECK(hpa.measured_of(2)->target.value->value() == 2);
  hpa.measured[0] = {};
  CHECK(hpa.measured_of(0) == nullptr);
  CHECK(hpa.measured_of(2)->target.value->value() == 2);
  // The order has been changed since.
  hpa.measured = {external("1"), external("2"), cpu(40)};
  CHECK(hpa.measured_of(1) == nullptr);
  // A metric has come or gone since: only one that is alone of its name.
  hpa.measured = {cpu(40), external("1")};
  CHECK(hpa.measured_of(0) == nullptr);
  CHECK(hpa.measured_of(1)->target.utilization == 40);
  CHECK(hpa.measured_of(2) == nullptr);
  hpa.metrics.pop_back();
  hpa.measured = {external("1"), cpu(40), external("2")};
  CHECK(hpa.measured_of(0) == nullptr);
  hpa.measured.clear();
  CHECK(hpa.measured_of(1) == nullptr);
}

TEST_CASE("what an autoscaler leaves out has its default") {
  const auto hpa = parse_autoscaler(R"({"metadata":{"name":"a"},"spec":{"maxReplicas":3}})");
  REQUIRE(hpa);
  CHECK(hpa->min == 1);
  CHECK_FALSE(hpa->has_behavior);
  CHECK(hpa->last_scaled.empty());
}

TEST_CASE("an autoscaler that cannot be read is named") {
  const auto unknown = parse_autoscaler(
      R"({"metadata":{"name":"a","namespace":"n"},"spec":{"metrics":[{"type":"Magic"}]}})");
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message ==
        "HorizontalPodAutoscaler n/a: spec.metrics[0].type is no source of a metric that is known");
  const auto amount = parse_autoscaler(R"({"metadata":{"name":"a"},"spec":{"metrics":[)"
                                       R"({"type":"Resource","resource":{"name":"cpu",)"
                                       R"("target":{"averageValue":"lots"}}}]}})");
  REQUIRE_FALSE(amount);
  CHECK(amount.error().message.find("averageValue is not an amount") != std::string::npos);
}

TEST_CASE("a list of autoscalers says from where to watch on") {
  const auto list = parse_autoscaler_list(
      R"({"kind":"HorizontalPodAutoscalerList","metadata":{"resourceVersion":"99"},"items":[)" +
      std::string(R"({"metadata":{"name":"a"}},{"metadata":{"name":"b"}}]})"));
  REQUIRE(list);
  CHECK(list->resource_version == "99");
  CHECK(list->items.size() == 2);
}

TEST_CASE("the scale of a workload") {
  const auto scale = parse_scale(R"({"kind":"Scale","metadata":{"name":"web"},
    "spec":{"replicas":4},"status":{"replicas":3,"selector":"app=web"}})");
  REQUIRE(scale);
  CHECK(scale->wanted == 4);
  CHECK(scale->current == 3);
  CHECK(scale->selector == "app=web");
  // Zero is left out.
  CHECK(parse_scale(R"({"kind":"Scale","metadata":{"name":"web"},"spec":{}})")->wanted == 0);
}

TEST_CASE("pods as an autoscaler's controller looks at them") {
  const auto pods = parse_scaled_pods(R"({"kind":"PodList","items":[
   {"metadata":{"name":"a","deletionTimestamp":"2026-11-28T09:00:00Z"},
    "spec":{"nodeName":"w1","containers":[
      {"name":"app","resources":{"requests":{"cpu":"200m","memory":"1Gi"}}},{"name":"bare"}],
     "initContainers":[{"name":"once","resources":{"requests":{"cpu":"9"}}},
      {"name":"side","restartPolicy":"Always","resources":{"requests":{"cpu":1}}}],
     "resources":{"requests":{"cpu":"2"}}},
    "status":{"phase":"Running","startTime":"2026-11-28T08:00:00Z","conditions":[
      {"type":"Initialized","status":"True"},
      {"type":"Ready","status":"False","lastTransitionTime":"2026-11-28T08:30:00Z"}]}},
   {"metadata":{"name":"b"},"spec":{"containers":[]},"status":{"phase":"Pending"}}]})");
  REQUIRE(pods);
  const ScaledPod& first = pods->front();
  CHECK(first.deleting);
  CHECK(first.node == "w1");
  REQUIRE(first.containers.size() == 3);
  CHECK(first.containers[0].requests.at("cpu").milli() == 200);
  CHECK(first.containers[1].requests.empty());
  CHECK(first.containers[2].name == "side");
  CHECK(first.requests->at("cpu").milli() == 2000);
  CHECK(first.ready->denied);
  CHECK_FALSE(first.is_ready());
  CHECK_FALSE((*pods)[1].ready);
  CHECK_FALSE((*pods)[1].requests);
}

TEST_CASE("what was measured of pods, container by container") {
  const auto pods = parse_measured_pods(R"({"kind":"PodMetricsList","items":[
   {"metadata":{"name":"a","namespace":"n"},"timestamp":"2026-11-28T09:00:00Z","window":"15.234s",
    "containers":[{"name":"app","usage":{"cpu":"1500n","memory":"10Ki"}},{"name":"x","usage":{}}]}]})");
  REQUIRE(pods);
  CHECK(pods->front().window == std::chrono::milliseconds(15234));
  CHECK(pods->front().containers[0].usage.at("memory").value() == 10240);
  CHECK(pods->front().containers[1].usage.empty());
  CHECK_FALSE(parse_measured_pods(
      R"({"items":[{"metadata":{"name":"a"},"window":"a while","containers":[]}]})"));
}

TEST_CASE("durations as Go prints them") {
  using std::chrono::milliseconds;
  CHECK(parse_go_duration("15.234s") == milliseconds(15234));
  CHECK(parse_go_duration("5m0s") == milliseconds(300'000));
  CHECK(parse_go_duration("1h2m3.5s") == milliseconds(3'723'500));
  CHECK(parse_go_duration("250ms") == milliseconds(250));
  CHECK(parse_go_duration("1500µs") == milliseconds(1));
  CHECK(parse_go_duration("0s") == milliseconds(0));
  CHECK(parse_go_duration("0") == milliseconds(0));
  for (const char* wrong : {"", "5", "s", "5x", "-5s", "5 s", "1e3s", "1..2s", "999999999h"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_go_duration(wrong));
  }
}

}  // namespace drover
