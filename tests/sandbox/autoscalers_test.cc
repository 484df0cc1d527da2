#include "examples/sandbox/world/autoscalers.h"

#include <catch2/catch.hpp>

#include "examples/sandbox/world/applied.h"
#include "tests/sandbox/make_believe.h"

namespace drover::test {
namespace {

using nlohmann::json;
using namespace sandbox;

json autoscaler(int most) {
  const json cpu = {{"name", "cpu"},
                    {"target", {{"type", "AverageValue"}, {"averageValue", "10m"}}}};
  return {
      {"apiVersion", "autoscaling/v2"},
      {"kind", "HorizontalPodAutoscaler"},
      {"metadata", {{"name", "web"}, {"namespace", "default"}}},
      {"spec",
       {{"scaleTargetRef", {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", "web"}}},
        {"minReplicas", 2},
        {"maxReplicas", most},
        {"metrics", {{{"type", "Resource"}, {"resource", cpu}}}}}}};
}

int replicas(const MakeBelieve& bed) {
  return bed.world.find_workload(Workload::Kind::Deployment, "default", "web")->replicas;
}

}  // namespace

TEST_CASE("an autoscaler makes its Deployment larger by what its pods use", "[sandbox]") {
  MakeBelieve bed;
  bed.add("web", 4);
  REQUIRE(create_autoscaler(bed.world, "default", autoscaler(6), bed.now).status == 201);
  for (Pod& pod : bed.world.pods)
    if (pod.workload == "web") pod.use.cpu_m = 13;
  bed.pass(16);
  CHECK(replicas(bed) == 4);  // nobody has measured anything
  bed.world.api_services["v1beta1.metrics.k8s.io"] = true;
  bed.pass(1);
  CHECK(replicas(bed) == 6);
  const Answer shown = read_autoscaler(bed.world, "default", "web", bed.now);
  CHECK(shown.body.at("status").at("desiredReplicas") == 6);
  for (Pod& pod : bed.world.pods) pod.use.cpu_m = 0;
  bed.pass(1);
  CHECK(replicas(bed) == 6);
}

TEST_CASE("an applied APIService is available while a Ready pod stands behind it", "[sandbox]") {
  MakeBelieve bed;
  const Place service{"services", "kube-system", "figures"};
  const Place api{"apiservices.apiregistration.k8s.io", "", "v1.example.com"};
  const Place pods{"deployments.apps", "kube-system", "figures"};
  const json meta = {{"name", "figures"}, {"namespace", "kube-system"}};
  const json labels = {{"k8s-app", "figures"}};
  const json tmpl = {{"metadata", {{"labels", labels}}},
                     {"spec", {{"containers", {{{"name", "f"}, {"image", "f:1"}}}}}}};
  apply_object(bed.world, service,
               {{"kind", "Service"}, {"metadata", meta}, {"spec", {{"selector", labels}}}}, false,
               bed.now);
  apply_object(bed.world, api,
               {{"kind", "APIService"},
                {"metadata", {{"name", "v1.example.com"}}},
                {"spec", {{"service", {{"name", "figures"}, {"namespace", "kube-system"}}}}}},
               false, bed.now);
  bed.pass(1);
  CHECK_FALSE(bed.world.api_services.at("v1.example.com"));
  apply_object(bed.world, pods,
               {{"kind", "Deployment"},
                {"metadata", meta},
                {"spec", {{"selector", {{"matchLabels", labels}}}, {"template", tmpl}}}},
               false, bed.now);
  bed.pass(10);
  CHECK(bed.world.api_services.at("v1.example.com"));
  CHECK(delete_applied(bed.world, pods, "", bed.now).status == 200);
  bed.pass(10);
  CHECK_FALSE(bed.world.api_services.at("v1.example.com"));
  CHECK(delete_applied(bed.world, api, "other", bed.now).status == 409);
  CHECK(delete_applied(bed.world, api, "", bed.now).status == 200);
  CHECK(bed.world.api_services.count("v1.example.com") == 0);
}

}  // namespace drover::test
