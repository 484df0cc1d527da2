#include "plans/hpa/request.h"

#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using std::chrono::seconds;

std::string amount_of(const Result<ScaleMetric>& metric) {
  if (!metric) return metric.error().message;
  if (metric->target.utilization) return std::to_string(*metric->target.utilization) + "%";
  return std::to_string(metric->target.average_value->milli()) + "m";
}

NewAutoscaler wish() {
  NewAutoscaler wish{.name = "web", .target = *parse_scale_target("deploy/web"), .max = 5};
  wish.metrics = {*parse_resource_metric("cpu", "80%")};
  return wish;
}

}  // namespace

TEST_CASE("what is asked of the API for autoscalers") {
  CHECK(list_autoscalers({}).path == "/apis/autoscaling/v2/horizontalpodautoscalers");
  CHECK(list_autoscalers({.ns = "shop", .name = "web", .selector = "a=b"}).path ==
        "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
        "?fieldSelector=metadata.name%3Dweb&labelSelector=a%3Db");
  CHECK(list_autoscalers({.name = "web", .fields = "metadata.namespace!=shop"}).path ==
        "/apis/autoscaling/v2/horizontalpodautoscalers"
        "?fieldSelector=metadata.name%3Dweb%2Cmetadata.namespace%21%3Dshop");
  CHECK(watch_autoscalers({.ns = "shop"}, "12").path ==
        "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers"
        "?watch=1&allowWatchBookmarks=true&resourceVersion=12&timeoutSeconds=300");
  CHECK(get_scale("shop", *parse_scale_target("deploy/web"))->path ==
        "/apis/apps/v1/namespaces/shop/deployments/web/scale");
  CHECK(get_scale("shop", *parse_scale_target("rc/old"))->path ==
        "/api/v1/namespaces/shop/replicationcontrollers/old/scale");
  // As an autoscaler of the cluster may name it: the group counts, not the version.
  CHECK(get_scale("shop", {"apps/v1beta1", "Deployment", "web"})->path ==
        "/apis/apps/v1/namespaces/shop/deployments/web/scale");
  CHECK(get_scale("shop", {"example.com/v1", "Deployment", "web"}).error().kind ==
        ErrorKind::Refused);
  Autoscaler hpa;
  hpa.ns = "shop";
  hpa.name = "web";
  hpa.uid = "u-1";
  const ApiRequest request = delete_autoscaler(hpa);
  CHECK(request.verb == Verb::Delete);
  CHECK(request.body.find(R"("preconditions":{"uid":"u-1"})") != std::string::npos);
}

TEST_CASE("workloads as kubectl names them") {
  CHECK(parse_scale_target("sts/db")->kind == "StatefulSet");
  CHECK(parse_scale_target("Deployments/web")->name == "web");
  for (const char* wrong : {"web", "deploy/", "pod/web", "deploy/a/b", ""}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_scale_target(wrong));
    CHECK(parse_scale_target(wrong).error().kind == ErrorKind::Usage);
  }
}

TEST_CASE("targets of metrics") {
  CHECK(amount_of(parse_resource_metric("cpu", "80%")) == "80%");
  CHECK(amount_of(parse_resource_metric("cpu", "500m")) == "500m");
  CHECK(amount_of(parse_resource_metric("memory", "1Ki")) == "1024000m");
  CHECK(amount_of(parse_pods_metric("rps=1.5")) == "1500m");
  CHECK(parse_pods_metric("a=b=2")->name == "a=b");
  for (const char* wrong : {"", "%", "0%", "-5%", "80%%", "0", "-1", "much", "1e1%"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_resource_metric("cpu", wrong));
  }
  for (const char* wrong : {"", "rps", "=1", "rps=", "rps=0", "rps=-1"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_pods_metric(wrong));
  }
}

TEST_CASE("policies") {
  const auto half = parse_scale_policy("scale-up", "50%/5m");
  CHECK(half->percent);
  CHECK(half->value == 50);
  CHECK(half->period == seconds(300));
  CHECK_FALSE(parse_scale_policy("scale-up", "4/60s")->percent);
  for (const char* wrong : {"", "4", "/60s", "4/", "4/31m", "4/0s", "0/60s", "x/60s", "4/60"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_scale_policy("scale-up", wrong));
  }
}

TEST_CASE("the object that is sent") {
  NewAutoscaler full = wish();
  full.ns = "shop";
  full.min = 2;
  full.metrics.push_back(*parse_resource_metric("memory", "512Mi"));
  full.metrics.push_back(*parse_pods_metric("rps=100"));
  full.up = ScaleRules{.window = seconds(60), .policies = {*parse_scale_policy("", "4/60s")}};
  full.down = ScaleRules{.select = ScaleRules::Select::Disabled};
  const auto request = create_autoscaler(full);
  REQUIRE(request);
  CHECK(request->path == "/apis/autoscaling/v2/namespaces/shop/horizontalpodautoscalers");
  CHECK(
      request->body ==
      R"({"apiVersion":"autoscaling/v2","kind":"HorizontalPodAutoscaler",)"
      R"("metadata":{"name":"web","namespace":"shop"},"spec":{)"
      R"("scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"web"},)"
      R"("minReplicas":2,"maxReplicas":5,"metrics":[)"
      R"({"type":"Resource","resource":{"name":"cpu","target":{"type":"Utilization","averageUtilization":80}}},)"
      R"({"type":"Resource","resource":{"name":"memory","target":{"type":"AverageValue","averageValue":"536870912"}}},)"
      R"({"type":"Pods","pods":{"metric":{"name":"rps"},"target":{"type":"AverageValue","averageValue":"100000m"}}}],)"
      R"("behavior":{"scaleUp":{"stabilizationWindowSeconds":60,"policies":[{"type":"Pods","value":4,"periodSeconds":60}]},)"
      R"("scaleDown":{"selectPolicy":"Disabled"}}}})");
  CHECK(create_autoscaler(wish())->body.find("behavior") == std::string::npos);
}

TEST_CASE("what the API server would refuse is refused before the login") {
  const auto why = [](auto change) {
    NewAutoscaler changed = wish();
    change(changed);
    const auto request = create_autoscaler(changed);
    REQUIRE_FALSE(request);
    CHECK(request.error().kind == ErrorKind::Usage);
    return request.error().message;
  };
  CHECK(why([](NewAutoscaler& w) { w.max = 0; }).find("--max is missing") == 0);
  CHECK(why([](NewAutoscaler& w) { w.min = 0; }).find("--min 0") == 0);
  CHECK(why([](NewAutoscaler& w) { w.min = 6; }) == "--min 6 is above --max 5");
  CHECK(why([](NewAutoscaler& w) { w.metrics.clear(); }) == "there is no metric to go by");
  CHECK(why([](NewAutoscaler& w) {
          w.down = ScaleRules{.window = seconds(3601)};
        }).find("a window of 1h1s") == 0);
}

}  // namespace drover::plans
