#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

constexpr const char* kCordon = "v1.34/w1/cordon";

struct SettledCase {
  Hop hop;
  GateWorld world = quiet_world();
  Node node;
  std::vector<PodDisruptionBudget> budgets = hop.facts.budgets;
  Attempt attempt;

  SettledCase() {
    node.name = "w1";
    node.ready = true;
    attempt.earlier[kCordon] = {{"was:budgets", "-"}};
  }
  Step step() const { return make_settled(hop.scope(), hop.host("w1")); }
  std::string decide(double second) {
    attempt.elapsed = Seconds{second};
    world.paths[kNodeW1] = ok(json_of(node));
    world.paths[kBudgets] = ok(list_of("PodDisruptionBudget", budgets));
    return summary(world.rounds(step(), attempt));
  }
};

}  // namespace

TEST_CASE("a node settles when it stays Ready for the time of the plan file") {
  SettledCase one;
  CHECK(one.step().title == "let w1 settle for 10s");
  CHECK(one.decide(0) == "wait: it to stay so for 10 s");
  CHECK(one.decide(9.5) == "wait: it to stay so for 10 s");
  CHECK(one.decide(10) == "done: w1 Ready for 10s");
}

TEST_CASE("a node that falls over starts anew") {
  SettledCase one;
  one.decide(0);
  one.node.ready = false;
  one.node.ready_reason = "NodeStatusUnknown";
  CHECK(one.decide(9) == "wait: w1 to be Ready (NodeStatusUnknown)");
  one.node.ready = true;
  CHECK(one.decide(10) == "wait: it to stay so for 10 s");
  CHECK(one.decide(20) == "done: w1 Ready for 10s");
}

TEST_CASE("pods that moved must be well again, by their budgets") {
  SettledCase one;
  one.budgets[0].current_healthy = 2;
  CHECK(one.decide(0) == "wait: the pods of budget default/web (2 of 3 healthy)");
}

TEST_CASE("a budget that was short before the cordon is waited for only when it is shorter") {
  SettledCase one;
  one.attempt.earlier[kCordon] = {{"was:budgets", "default/web=1"}};
  one.budgets[0].current_healthy = 2;
  CHECK(one.decide(0) == "wait: it to stay so for 10 s");
  one.budgets[0].current_healthy = 1;
  CHECK(one.decide(1) == "wait: the pods of budget default/web (1 of 3 healthy)");
}

TEST_CASE("without marks from before, all that is missing is waited for") {
  SettledCase one;
  one.attempt.earlier.clear();
  one.budgets[0].current_healthy = 2;
  CHECK(one.decide(0) == "wait: the pods of budget default/web (2 of 3 healthy)");
}

TEST_CASE("a control plane is judged by how the run began: its cordon comes after its upgrade") {
  const Hop hop;
  CHECK(make_settled(hop.scope(), hop.host("cp1")).param("before") ==
        "v1.34/cluster/preflight v1.34/cp1/cordon");
  CHECK(make_settled(hop.scope(), hop.host("w1")).param("before") == kCordon);
  CHECK(make_addons_healthy(hop.scope()).param("before") == "v1.34/cluster/preflight");
}

TEST_CASE("S18: an API that does not answer is waited for, and the time starts anew") {
  SettledCase one;
  one.decide(0);
  one.attempt.elapsed = Seconds{5};
  one.world.paths[kNodeW1] = no_answer("reset");
  const Decision decision = one.world.round(one.step(), one.attempt);
  CHECK(summary(decision) == "wait: the API server: reset");
  CHECK(decision.remember.at("held_since").empty());
  one.world.paths[kNodeW1] = refusal(404, "NotFound", "gone");
  Attempt fresh;
  CHECK(summary(one.world.round(one.step(), fresh)) ==
        "fail: cannot read node w1: HTTP 404 NotFound, gone");
}

TEST_CASE("no settling time: as many looks as the plan file wants, that far apart") {
  SettledCase one;
  one.hop.upgrade.health.settle = std::chrono::seconds{0};
  CHECK(one.decide(0) == "wait: it to be seen 2 times");
  CHECK(one.decide(2) == "done: w1 Ready for 0s");
  one.hop.upgrade.health.consecutive = 1;
  one.attempt.notes.clear();
  CHECK(one.decide(0) == "done: w1 Ready for 0s");
}

}  // namespace drover::plans
