#include <catch2/catch.hpp>

#include "tests/support/plan_walk.h"

namespace drover::plans {

TEST_CASE("S6: a worker's slot goes to the next one as soon as it has settled, without a barrier") {
  const Plan plan = plan_of(5, [](Rollout& r) { r.budget = 2; });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1", "w2"});
  walk.finish("w2");
  CHECK(walk.start() == Names{"w3"});
  walk.finish("w3");
  CHECK(walk.start() == Names{"w4"});  // w1 is still at it
  CHECK(walk.state.open_nodes() == std::set<std::string>{"w1", "w4"});
}

TEST_CASE("S6: group and domain budgets hold others back, not those beside them") {
  const Plan plan = plan_of(6, [](Rollout& r) {
    r.budget = 4;
    r.per_domain = 1;
    r.groups = {{"db", 1, {"w1", "w2", "w3"}}};
    r.workers[3].domain = r.workers[4].domain = "rack-a";
  });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1", "w4", "w6"});
  walk.finish("w1");
  CHECK(walk.start() == Names{"w2"});
  walk.finish("w4");
  CHECK(walk.start() == Names{"w5"});
}

TEST_CASE("S6: nodes that are down count, and one of them may be started all the same") {
  const Plan plan = plan_of(4, [](Rollout& r) { r.budget = 2; });
  Walk walk(plan);
  walk.state.see_down({"w3", "w4"});
  CHECK(walk.up_to_workers() == Names{"w3", "w4"});
  walk.state.see_down({"w3"});
  CHECK(walk.start() == Names{});  // both hold their slots
  walk.finish("w4");
  CHECK(walk.start() == Names{"w1"});
  walk.state.see_down({"w2", "w3"});
  CHECK(walk.start() == Names{});  // w2 may come back in its turn, and then three would be out
  walk.finish("w1");
  CHECK(walk.start() == Names{"w2"});
}

TEST_CASE("S6: what is down and in no plan counts as well") {
  const Plan plan = plan_of(2, [](Rollout& r) {
    r.budget = 1;
    r.workers.push_back({"stranger", "", ""});
  });
  Walk walk(plan);
  walk.state.see_down({"stranger"});
  CHECK(walk.up_to_workers() == Names{});
  CHECK(walk.state.hold({}).kind == Hold::Kind::Down);
  CHECK(walk.state.workers().down_by_themselves() == Names{"node stranger"});
  walk.state.see_down({});
  CHECK(walk.start() == Names{"w1"});
}

TEST_CASE("S6: a failed worker keeps its slot; so many may fail as failure.max_failed_nodes says") {
  for (const int allowed : {0, 1, 2}) {
    const Plan plan = plan_of(6, [&](Rollout& r) {
      r.budget = 3;
      r.max_failed = allowed;
    });
    Walk walk(plan);
    CHECK(walk.up_to_workers() == Names{"w1", "w2", "w3"});
    walk.end("w1", Outcome::Failed);
    CHECK(walk.state.halted() == (allowed == 0));
    walk.finish("w2");
    CHECK(walk.start() == (allowed == 0 ? Names{} : Names{"w4"}));
    walk.end("w3", Outcome::Failed);
    CHECK(walk.state.halted() == (allowed < 2));
    walk.start();
    CHECK(walk.state.workers().holds("w1"));
    CHECK(walk.state.workers().holds("w3"));
    CHECK(walk.state.open_nodes().contains("w1"));
  }
}

TEST_CASE("a canary that fails stops all others, whatever may fail besides") {
  const Plan plan = plan_of(6, [](Rollout& r) {
    r.budget = 3;
    r.canary = 1;
    r.max_failed = 5;
  });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1"});
  walk.end("w1", Outcome::Failed);
  CHECK(walk.state.halted());
  CHECK(walk.start() == Names{});
}

TEST_CASE("canaries go alone, then the ramp widens to the budget") {
  const Plan plan = plan_of(12, [](Rollout& r) {
    r.budget = 4;
    r.canary = 2;
    r.ramp = {1, 3};
  });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1"});
  walk.finish("w1");
  CHECK(walk.start() == Names{"w2"});
  walk.finish("w2");
  CHECK(walk.start() == Names{"w3"});  // the ramp: one of one
  walk.finish("w3");
  CHECK(walk.start() == Names{"w4", "w5", "w6"});
  walk.finish("w5");
  CHECK(walk.start() == Names{"w7"});
  walk.finish("w4");
  walk.finish("w6");
  CHECK(walk.start() == Names{"w8", "w9", "w10"});  // three of three: the budget of four
}

TEST_CASE("order: auto takes the longest expected first") {
  Plan plan = plan_of(4, [](Rollout& r) { r.order = WorkerOrder::Auto; });
  const auto set = [&](const std::string& node, std::chrono::seconds drain) {
    for (Step& step : plan.steps) {
      if (step.id == "v1.34/" + node + "/drain") step.estimate = drain;
    }
  };
  set("w2", 50s);
  set("w4", 70s);
  Walk walk(plan);
  Names taken = walk.up_to_workers();
  while (!taken.empty() && taken.size() < 4) {
    walk.finish(taken.back());
    const Names more = walk.start();
    REQUIRE(more.size() == 1);
    taken.push_back(more.front());
  }
  CHECK(taken == Names{"w4", "w2", "w1", "w3"});
}

TEST_CASE("no worker is taken before it is known which are down") {
  const Plan plan = plan_of(1);
  Walk walk(plan);
  walk.moment.nodes_seen = false;
  CHECK(walk.up_to_workers() == Names{});
  CHECK(walk.state.hold(walk.moment).kind == Hold::Kind::Unseen);
  walk.moment.nodes_seen = true;
  CHECK(walk.start() == Names{"w1"});
}

}  // namespace drover::plans
