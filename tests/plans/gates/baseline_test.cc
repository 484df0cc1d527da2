#include "plans/gates/baseline.h"

#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

Pod pod_of(const std::string& kind, const std::string& ns, const std::string& owner) {
  Pod pod;
  pod.ns = ns;
  pod.name = owner + "-x";
  pod.uid = "uid-" + pod.name;
  pod.node = "w1";
  pod.phase = "Running";
  pod.ready = true;
  pod.controller = Controller{"apps/v1", kind, owner};
  return pod;
}

// A cluster where something of each kind is unwell.
GateWorld worn_world() {
  GateWorld world = quiet_world();
  std::vector<Pod> pods = {pod_of("DaemonSet", "default", "agent"),
                           pod_of("ReplicaSet", "default", "web-7d4b9c6f8"),
                           pod_of("ReplicaSet", "default", "alone-1"),  // of no Deployment
                           pod_of("StatefulSet", "db", "pg"), pod_of("Job", "default", "backup")};
  pods[0].ready = false;
  world.paths[kPodsW1] = ok(list_of("Pod", pods));
  world.paths["/apis/apps/v1/namespaces/default/deployments"] = ok(list_of<Workload>(
      "Deployment",
      {{.kind = "Deployment", .ns = "default", .name = "web", .wanted = 4, .available = 3},
       {.kind = "Deployment", .ns = "default", .name = "other", .wanted = 1}}));
  world.paths["/apis/apps/v1/namespaces/db/statefulsets"] = ok(list_of<Workload>(
      "StatefulSet",
      {{.kind = "StatefulSet", .ns = "db", .name = "pg", .wanted = 1, .available = 1}}));
  PodDisruptionBudget budget;
  budget.ns = "default";
  budget.name = "web";
  budget.current_healthy = 1;
  budget.desired_healthy = 3;
  budget.expected_pods = 4;
  world.paths[kBudgets] = ok(list_of<PodDisruptionBudget>("PodDisruptionBudget", {budget}));
  world.paths[kValidating] = ok(list_of<WebhookConfiguration>(
      "ValidatingWebhookConfiguration", {{"", "policy", {{"a", true, "policy", "hook"}}}}));
  world.paths[slices_path("policy", "hook")] = none_of("EndpointSlice");
  world.paths[kApiServices] =
      ok(list_of<ApiService>("APIService", {{"v1beta1.metrics.k8s.io", false, "Missing"}}));
  return world;
}

const Notes kMarks = {{"was:daemonsets", "default/agent=0"},
                      {"was:budgets", "default/web=2"},
                      {"was:workloads", "deployment/default/web=3 statefulset/db/pg=1"},
                      {"was:webhooks", "policy/hook=1"},
                      {"was:api-services", "v1beta1.metrics.k8s.io=1"}};

Notes marks_in(const Notes& notes) {
  Notes marks;
  for (const auto& [name, value] : notes) {
    if (name.starts_with("was:")) marks[name] = value;
  }
  return marks;
}

Attempt run_1() {
  Attempt attempt;
  attempt.run = "run-1";
  return attempt;
}

}  // namespace

TEST_CASE("S10: a cordon notes how things stood, on disk before it changes anything") {
  const Hop hop;
  const GateWorld world = worn_world();
  Attempt attempt = run_1();
  const Decision decision = world.rounds(make_cordon(hop.scope(), hop.host("w1")), attempt);
  const Send* send = std::get_if<Send>(&decision.next);
  REQUIRE(send != nullptr);
  CHECK(marks_in(send->before) == kMarks);
  CHECK(send->before.at("unschedulable") == "false");
  CHECK(marks_in(decision.remember) == kMarks);
}

TEST_CASE("a node that is cordoned already, by whomever, has its marks taken too") {
  const Hop hop;
  GateWorld world = worn_world();
  Node node;
  node.name = "w1";
  node.unschedulable = true;
  world.paths[kNodeW1] = ok(json_of(node));
  Attempt attempt = run_1();
  const Decision decision = world.rounds(make_cordon(hop.scope(), hop.host("w1")), attempt);
  REQUIRE(std::holds_alternative<Done>(decision.next));
  CHECK(marks_in(decision.remember) == kMarks);
}

TEST_CASE("S5: the first marks count: what a second attempt finds may be the first one's doing") {
  const Hop hop;
  const GateWorld world = worn_world();
  const Step step = make_cordon(hop.scope(), hop.host("w1"));
  Attempt attempt = run_1();
  Notes old = kMarks;
  for (auto& [name, value] : old) value = "-";
  attempt.earlier[step.id] = old;
  CHECK(look_cordon(step, attempt).requests.size() == 1);
  const Decision decision = world.rounds(step, attempt);
  CHECK(marks_in(decision.remember) == old);
  CHECK(marks_in(std::get<Send>(decision.next).before) == old);
}

TEST_CASE("what the plan file switches off is not marked") {
  Hop hop;
  hop.upgrade.health.workloads = false;
  hop.upgrade.health.webhooks = false;
  Step step = make_cordon(hop.scope(), hop.host("w1"));
  CHECK(step.param("baselines") == "daemonsets budgets");
  CHECK(make_preflight(hop.scope()).param("baselines") == "budgets service-watches");
  kind_of(step.kind).configure(step, UpgradePlan{});  // an edit switches it on again
  CHECK(step.param("baselines") == "daemonsets budgets workloads webhooks api-services");
}

TEST_CASE(
    "a control plane's cordon comes after its upgrade: the rest was marked by the preflight") {
  const Hop hop;
  CHECK(make_cordon(hop.scope(), hop.host("cp1")).param("baselines") ==
        "workloads service-watches");
  CHECK(make_preflight(hop.scope()).param("baselines") ==
        "budgets webhooks api-services service-watches");
}

TEST_CASE("the preflight marks the cluster when all is well otherwise") {
  const Hop hop;
  GateWorld world = worn_world();
  world.paths["/readyz"] = ok("ok");
  world.paths["/version"] = ok(R"({"gitVersion":"v1.33.13"})");
  world.paths["/api/v1/nodes"] = ok(list_of("Node", hop.facts.nodes));
  world.paths["/api/v1/namespaces/kube-system/pods?labelSelector=tier%3Dcontrol-plane"] =
      none_of("Pod");
  Attempt attempt;
  const Decision decision = world.rounds(make_preflight(hop.scope()), attempt);
  CHECK(summary(decision) == "send 2");  // the pending taints
  Notes cluster = kMarks;
  cluster.erase("was:daemonsets");
  cluster.erase("was:workloads");
  cluster["was:service-watches"] = "unseen=1";
  CHECK(marks_in(decision.remember) == cluster);
}

TEST_CASE("S17: what the marks need and may not be read stops the run before its first change") {
  const Hop hop;
  GateWorld world = worn_world();
  world.paths[kApiServices] = refusal(403, "Forbidden", "no");
  Attempt attempt = run_1();
  CHECK(summary(world.rounds(make_cordon(hop.scope(), hop.host("w1")), attempt)) ==
        "fail: cannot list APIServices: HTTP 403 Forbidden, no");
}

TEST_CASE("marks survive their text") {
  for (const Marks& marks : {Marks{}, Marks{{"a/b", 0}}, Marks{{"a/b=c", 7}, {"network", 0}}}) {
    Step step;
    step.params["before"] = "x y";
    Attempt attempt;
    CHECK_FALSE(marks_before(step, attempt, "budgets"));
    attempt.earlier["y"] = {{"was:budgets", marks_text(marks)}};
    CHECK(marks_before(step, attempt, "budgets") == marks);
    attempt.earlier["x"] = {{"was:budgets", "-"}};
    CHECK(marks_before(step, attempt, "budgets") == Marks{});
  }
}

}  // namespace drover::plans
