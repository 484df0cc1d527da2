#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;

struct Case {
  Hop hop;
  Node node;
  std::vector<PodDisruptionBudget> budgets = hop.facts.budgets;
  Attempt attempt;

  Case() {
    node.name = "w1";
    node.ready = true;
  }
  Step step() const { return make_settled(hop.scope(), hop.host("w1")); }
  std::string decide(double second) {
    attempt.elapsed = Seconds{second};
    const Decision decision = decide_once(
        step(), attempt, {ok(json_of(node)), ok(list_of("PodDisruptionBudget", budgets))});
    for (const auto& [name, value] : decision.remember) attempt.notes[name] = value;
    return summary(decision);
  }
};

}  // namespace

TEST_CASE("a node settles when it stays Ready for the time of the plan file") {
  Case one;
  CHECK(one.step().title == "let w1 settle for 10s");
  CHECK(one.decide(0) == "wait: it to stay so for 10 s");
  CHECK(one.decide(9.5) == "wait: it to stay so for 10 s");
  CHECK(one.decide(10) == "done: w1 Ready for 10s");
}

TEST_CASE("a node that falls over starts anew") {
  Case one;
  one.decide(0);
  one.node.ready = false;
  one.node.ready_reason = "NodeStatusUnknown";
  CHECK(one.decide(9) == "wait: w1 to be Ready (NodeStatusUnknown)");
  one.node.ready = true;
  CHECK(one.decide(10) == "wait: it to stay so for 10 s");
  CHECK(one.decide(20) == "done: w1 Ready for 10s");
}

TEST_CASE("pods that moved must be well again, by their budgets") {
  Case one;
  one.budgets[0].current_healthy = 2;
  CHECK(one.decide(0) == "wait: the pods of budget default/web (2 of 3 healthy)");
}

TEST_CASE("a budget that was short before the run is not waited for") {
  Case one;
  one.hop.facts.budgets[0].current_healthy = 2;
  one.budgets[0].current_healthy = 1;
  CHECK(one.step().param("short_before") == "default/web");
  CHECK(one.decide(0) == "wait: it to stay so for 10 s");
}

TEST_CASE("S18: an API that does not answer is waited for, and the time starts anew") {
  Case one;
  one.decide(0);
  one.attempt.elapsed = Seconds{5};
  const Decision decision = decide_once(one.step(), one.attempt, {no_answer("reset"), no_answer()});
  CHECK(summary(decision) == "wait: the API server: reset");
  CHECK(decision.remember.at("held_since").empty());
  CHECK(summary(decide_once(one.step(), {}, {refusal(404, "NotFound", "gone"), ok("")})) ==
        "fail: cannot read node w1: HTTP 404 NotFound, gone");
}

TEST_CASE("no settling time is no wait") {
  Case one;
  one.hop.upgrade.health.settle = std::chrono::seconds{0};
  CHECK(one.decide(0) == "done: w1 Ready for 0s");
}

}  // namespace drover::plans
