#include <catch2/catch.hpp>

#include "tests/support/plan_walk.h"

namespace drover::plans {

TEST_CASE("S11: a worker that was put off comes once more after all others, then is left over") {
  const Plan plan = plan_of(3);
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1"});
  walk.block_drain("w1");
  CHECK(walk.start() == Names{});  // its slot is not free before it is given back
  walk.state.end_giving_back("w1", Outcome::Succeeded);
  CHECK(walk.start() == Names{"w2"});
  walk.finish("w2");
  CHECK(walk.start() == Names{"w3"});
  walk.finish("w3");
  CHECK(walk.start() == Names{"w1"});
  CHECK(walk.state.left_over().empty());
  walk.block_drain("w1");
  walk.state.end_giving_back("w1", Outcome::Succeeded);
  CHECK(walk.start() == Names{});
  CHECK(walk.state.left_over() == std::set<std::string>{"w1"});
  CHECK(walk.state.hold({}).kind == Hold::Kind::None);
  CHECK_FALSE(walk.state.failed());
  CHECK(walk.state.left().size() == 6);  // its own five, and verify
  CHECK(walk.state.open_nodes().empty());
}

TEST_CASE("S11: workers whose drains wait for each other are tried once more one by one") {
  const Plan plan = plan_of(3, [](Rollout& rollout) { rollout.budget = 3; });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1", "w2", "w3"});
  walk.block_drain("w1");
  walk.state.end_giving_back("w1", Outcome::Succeeded);
  CHECK(walk.start() == Names{});  // the others are still in their turns
  walk.block_drain("w2");
  walk.state.end_giving_back("w2", Outcome::Succeeded);
  CHECK(walk.start() == Names{});
  walk.block_drain("w3");
  CHECK(walk.start() == Names{});  // and the last one is not given back yet
  walk.state.end_giving_back("w3", Outcome::Succeeded);
  for (const char* name : {"w1", "w2", "w3"}) {
    CHECK(walk.start() == Names{name});
    walk.finish(name);
  }
  walk.start();
  walk.end("");
  CHECK(walk.state.complete());
}

TEST_CASE("S11: in the next process, too, those that were put off come one by one") {
  const Plan plan = plan_of(3, [](Rollout& rollout) { rollout.budget = 3; });
  Walk walk(plan, {.deferred = {"w1", "w2", "w3"}});
  CHECK(walk.up_to_workers() == Names{"w1"});
  walk.block_drain("w1");
  walk.state.end_giving_back("w1", Outcome::Succeeded);
  CHECK(walk.start() == Names{"w2"});
  walk.finish("w2");
  CHECK(walk.start() == Names{"w3"});
}

TEST_CASE("S11: a worker that was put off does not wait for one that has failed") {
  const Plan plan = plan_of(2, [](Rollout& rollout) {
    rollout.budget = 2;
    rollout.max_failed = 1;
  });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1", "w2"});
  walk.block_drain("w2");
  walk.state.end_giving_back("w2", Outcome::Succeeded);
  CHECK(walk.start() == Names{});
  walk.end("w1", Outcome::Failed);
  CHECK(walk.start() == Names{"w2"});
}

TEST_CASE("S11: a worker that was put off and then drains is done like any other") {
  const Plan plan = plan_of(2);
  Walk walk(plan);
  walk.up_to_workers();
  walk.block_drain("w1");
  walk.state.end_giving_back("w1", Outcome::Succeeded);
  CHECK(walk.start() == Names{"w2"});
  walk.finish("w2");
  CHECK(walk.start() == Names{"w1"});
  walk.finish("w1");
  walk.start();
  walk.end("");
  CHECK(walk.state.complete());
}

TEST_CASE("S10: a worker that cannot be given back has failed and keeps its slot") {
  const Plan plan = plan_of(2);
  Walk walk(plan);
  walk.up_to_workers();
  walk.block_drain("w1");
  walk.state.end_giving_back("w1", Outcome::Failed);
  CHECK(walk.state.halted());
  CHECK(walk.state.workers().holds("w1"));
  CHECK(walk.state.open_nodes().contains("w1"));
}

TEST_CASE("a worker that was put off before comes last in the next process, too") {
  const Plan plan = plan_of(3);
  Walk walk(plan, {.deferred = {"w1"}});
  CHECK(walk.up_to_workers() == Names{"w2"});
  walk.finish("w2");
  CHECK(walk.start() == Names{"w3"});
  walk.finish("w3");
  CHECK(walk.start() == Names{"w1"});
  walk.block_drain("w1");
  walk.state.end_giving_back("w1", Outcome::Succeeded);
  CHECK(walk.state.left_over() == std::set<std::string>{"w1"});
}

}  // namespace drover::plans
