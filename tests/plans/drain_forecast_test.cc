#include "plans/drain_forecast.h"

#include <catch2/catch.hpp>

#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

using Lines = std::vector<std::string>;

Pod web(const std::string& name, const std::string& node = "w1") {
  Pod pod;
  pod.ns = "default";
  pod.name = name;
  pod.uid = "uid-" + name;
  pod.node = node;
  pod.phase = "Running";
  pod.ready = true;
  pod.labels = {{"app", "web"}};
  pod.controller = Controller{"apps/v1", "ReplicaSet", "web"};
  return pod;
}

PodDisruptionBudget budget(const std::string& name, const std::string& min_available, int expected,
                           int healthy) {
  PodDisruptionBudget made;
  made.ns = "default";
  made.name = name;
  made.selector = {.present = true, .match_labels = {{"app", "web"}}};
  made.min_available = min_available;
  made.expected_pods = expected;
  made.current_healthy = healthy;
  made.desired_healthy = std::stoi(min_available);
  made.disruptions_allowed = std::max(0, healthy - made.desired_healthy);
  return made;
}

ForeseenDrain forecast(std::vector<Pod> pods, std::vector<PodDisruptionBudget> budgets) {
  ClusterFacts facts;
  facts.pods = std::move(pods);
  facts.budgets = std::move(budgets);
  return forecast_drain(facts, "w1", DrainPolicy{});
}

}  // namespace

TEST_CASE("a forecast names what is evicted from this node only, sorted") {
  const ForeseenDrain drain = forecast({web("b"), web("a"), web("c", "w2")}, {});
  CHECK(drain.node == "w1");
  CHECK(drain.evicts == Lines{"default/a", "default/b"});
  CHECK(drain.blocked_by.empty());
  CHECK(drain.pending.empty());
}

TEST_CASE("S11: a budget that by its spec never allows an eviction blocks the drain") {
  const ForeseenDrain drain = forecast({web("stuck-7f")}, {budget("stuck", "1", 1, 1)});
  CHECK(drain.blocked_by ==
        Lines{"default/stuck-7f: budget default/stuck (minAvailable 1 of 1 pods) never allows an "
              "eviction"});
  CHECK(drain.pending.empty());
}

TEST_CASE("S11: a budget without room at this moment is waited for, not a block") {
  const ForeseenDrain drain = forecast({web("a")}, {budget("web", "3", 4, 3)});
  CHECK(drain.blocked_by.empty());
  CHECK(drain.pending == Lines{"default/a: budget default/web (minAvailable 3 of 4 pods) allows no "
                               "eviction at this moment (3 healthy)"});
}

TEST_CASE("two budgets on one pod block for ever") {
  const ForeseenDrain drain =
      forecast({web("a")}, {budget("one", "3", 4, 4), budget("two", "2", 4, 4)});
  CHECK(drain.evicts == Lines{"default/a"});
  CHECK(drain.blocked_by == Lines{"default/a: 2 budgets cover it (default/one, default/two), and "
                                  "Kubernetes evicts no pod with more than one"});
}

TEST_CASE("budgets do not hold pods that are over, going, or of another namespace") {
  Pod over = web("over");
  over.phase = "Succeeded";
  over.ready = false;
  Pod going = web("going");
  going.deleting = true;
  Pod elsewhere = web("elsewhere");
  elsewhere.ns = "other";
  const ForeseenDrain drain = forecast({over, going, elsewhere}, {budget("stuck", "1", 1, 1)});
  CHECK(drain.evicts == Lines{"default/over", "other/elsewhere"});
  CHECK(drain.blocked_by.empty());
  CHECK(drain.pending.empty());
}

TEST_CASE("a pod that is not Ready is not said to wait for a budget") {
  Pod pod = web("a");
  pod.ready = false;
  CHECK(forecast({pod}, {budget("web", "3", 4, 3)}).pending.empty());
}

TEST_CASE("S11: where the plan file disables eviction, budgets are named and hold nothing") {
  ClusterFacts facts;
  facts.pods = {web("a"), web("b", "w2")};
  facts.budgets = {budget("stuck", "1", 1, 1)};
  DrainPolicy policy;
  policy.disable_eviction = {{"host-of-w1", 1, 1}};
  const DrainForecast forecast(facts, policy);
  const ForeseenDrain w1 = forecast.of("w1", "host-of-w1");
  CHECK(w1.evicts == Lines{"default/a"});
  CHECK(w1.blocked_by.empty());
  CHECK(w1.bypasses == Lines{"default/stuck (minAvailable 1 of 1 pods)"});
  const ForeseenDrain w2 = forecast.of("w2", "host-of-w2");
  CHECK(w2.blocked_by.size() == 1);
  CHECK(w2.bypasses.empty());
}

TEST_CASE("with drain.skip nothing is foreseen to go") {
  DrainPolicy policy;
  policy.skip = true;
  ClusterFacts facts;
  facts.pods = {web("a")};
  const ForeseenDrain drain = DrainForecast(facts, policy).of("w1", "w1");
  CHECK(drain.evicts.empty());
  CHECK(drain.blocked_by.empty());
}

TEST_CASE("the only pod of its controller is named, and what is lost with pods") {
  ClusterFacts facts;
  Pod solo = web("solo-1");
  solo.controller = Controller{"apps/v1", "StatefulSet", "solo"};
  Pod twin = web("twin-1");
  twin.controller = Controller{"apps/v1", "StatefulSet", "twin"};
  Pod over = solo;
  over.name = "solo-over";
  over.phase = "Succeeded";
  Pod alone = web("alone");
  alone.controller.reset();
  Pod data = web("data");
  data.has_emptydir = true;
  facts.pods = {solo, twin, over, alone, data};
  facts.replicas = {{"StatefulSet", "default", "solo", 1},
                    {"StatefulSet", "default", "twin", 2},
                    {"StatefulSet", "other", "twin", 1},
                    {"ReplicaSet", "default", "twin", 1}};
  DrainPolicy policy;
  policy.force = true;
  const ForeseenDrain drain = DrainForecast(facts, policy).of("w1", "w1");
  CHECK(drain.single_replicas == Lines{"default/solo-1"});
  CHECK(drain.gone_for_good == Lines{"default/alone"});
  CHECK(drain.loses_data == Lines{"default/data"});
}

TEST_CASE("a pod that the filters refuse is a block and is not evicted") {
  Pod bare = web("bare");
  bare.controller.reset();
  const ForeseenDrain drain = forecast({bare, web("a")}, {});
  CHECK(drain.evicts == Lines{"default/a"});
  CHECK(drain.blocked_by ==
        Lines{"default/bare: has no controller, so nothing would start it again (drain.force "
              "overrides)"});
}

TEST_CASE("DaemonSets among the facts are left alone") {
  ClusterFacts facts = test::sample_facts(2);
  Pod proxy = web("kube-proxy-x");
  proxy.ns = "kube-system";
  proxy.controller = Controller{"apps/v1", "DaemonSet", "kube-proxy"};
  facts.pods.push_back(proxy);
  const ForeseenDrain drain = forecast_drain(facts, "w1", DrainPolicy{});
  CHECK(drain.evicts == Lines{"default/web-1"});
  CHECK(drain.blocked_by.empty());
  CHECK(drain.pending.empty());
}

}  // namespace drover::plans
