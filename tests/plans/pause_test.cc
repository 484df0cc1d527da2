#include <catch2/catch.hpp>

#include "tests/support/plan_walk.h"

namespace drover::plans {

TEST_CASE("pauses come after the control plane and after the canaries, once each") {
  const Plan plan = plan_of(3, [](Rollout& r) {
    r.canary = 1;
    r.pause = {.after_canary = true, .after_control_plane = true};
  });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{});
  CHECK(walk.state.hold({}).kind == Hold::Kind::Pause);
  CHECK(walk.state.hold({}).pause == Pause::AfterControlPlane);
  walk.state.end_pause(Pause::AfterControlPlane);
  CHECK(walk.start() == Names{"w1"});
  walk.finish("w1");
  CHECK(walk.start() == Names{});
  CHECK(walk.state.hold({}).pause == Pause::AfterCanary);
  walk.state.end_pause(Pause::AfterCanary);
  CHECK(walk.start() == Names{"w2"});

  Walk again(plan, {.pauses = {"after_control_plane", "after_canary"}});
  CHECK(again.up_to_workers() == Names{"w1"});
  again.finish("w1");
  CHECK(again.start() == Names{"w2"});
}

TEST_CASE("there is no pause when nothing comes after it") {
  const Plan plan = plan_of(1, [](Rollout& r) {
    r.canary = 1;
    r.pause.after_canary = true;
  });
  Walk walk(plan);
  walk.up_to_workers();
  walk.finish("w1");
  walk.start();
  walk.end("");
  CHECK(walk.state.complete());
}

TEST_CASE("between nodes a slot rests, each for itself") {
  const Plan plan = plan_of(4, [](Rollout& r) {
    r.budget = 2;
    r.pause.between_nodes = 30s;
  });
  Walk walk(plan);
  CHECK(walk.up_to_workers() == Names{"w1", "w2"});
  walk.moment.now = 100s;
  walk.finish("w1");
  CHECK(walk.start() == Names{});
  walk.moment.now = 110s;
  walk.finish("w2");
  CHECK(walk.start() == Names{});
  const Hold hold = walk.state.hold(walk.moment);
  CHECK(hold.kind == Hold::Kind::Rest);
  CHECK(hold.until == 130s);
  walk.moment.now = 130s;
  CHECK(walk.start() == Names{"w3"});
  walk.moment.now = 140s;
  CHECK(walk.start() == Names{"w4"});
}

TEST_CASE("outside the maintenance window no turn begins, and none that does not fit into it") {
  Plan plan = plan_of(3, [](Rollout& r) { r.budget = 3; });
  for (Step& step : plan.steps) {
    if (step.kind == StepKind::Drain && step.node == "w2") step.estimate = 100s;
  }
  Walk walk(plan);
  walk.moment.window_left = 0s;
  CHECK(walk.start() == Names{});
  walk.end("");  // preflight disturbs nothing
  CHECK(walk.start() == Names{});
  CHECK(walk.running.empty());
  CHECK(walk.state.hold(walk.moment).kind == Hold::Kind::Window);
  walk.moment.window_left = 60s;
  CHECK(walk.up_to_workers() == Names{"w1", "w3"});  // w2 takes 104 s
  walk.moment.window_left = 0s;
  walk.finish("w1");  // what is begun is brought to its end
  walk.finish("w3");
  CHECK(walk.start() == Names{});
  CHECK(walk.state.hold(walk.moment).kind == Hold::Kind::Window);
  walk.moment.window_left = 104s;
  CHECK(walk.start() == Names{"w2"});
}

TEST_CASE("the maintenance window holds on resume: what was only emptied is not gone on with") {
  const Plan plan = plan_of(2, [](Rollout& r) { r.budget = 2; });
  Progress before{.windows = {"w1", "w2"}, .changed = {"w2"}};
  for (const Step& step : plan.steps) {
    if (!step.node.starts_with("w") && step.kind != StepKind::Verify) before.kept.insert(step.id);
  }
  Walk walk(plan, before);
  walk.moment.window_left = 0s;
  walk.start();
  REQUIRE(walk.running.size() == 1);
  CHECK(walk.running[0]->id == "v1.34/w2/cordon");
  walk.finish("w2");
  walk.start();
  CHECK(walk.running.empty());
  CHECK(walk.state.hold(walk.moment).kind == Hold::Kind::Window);
}

}  // namespace drover::plans
