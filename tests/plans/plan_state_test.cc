#include "plans/plan_state.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>

#include "tests/support/small_plan.h"

namespace drover::plans {
namespace {

using namespace std::chrono_literals;
using Outcome = PlanState::Outcome;
using Names = std::vector<std::string>;

Plan plan_of(int workers, const std::function<void(Rollout&)>& set = {}) {
  Plan plan = test::small_plan(workers);
  for (int i = 1; i <= workers; ++i) {
    const std::string name = "w" + std::to_string(i);
    plan.rollout.workers.push_back({name, name, ""});
  }
  plan.rollout.order = WorkerOrder::Inventory;
  if (set) set(plan.rollout);
  return plan;
}

/// A run that a test takes by the hand.
class Walk {
 public:
  explicit Walk(const Plan& plan, const Progress& before = {}) : state(plan, before) {}

  /// Starts all that may, and gives the workers whose turns were begun by that.
  Names start() {
    Names begun;
    while (const Step* step = state.next(moment)) {
      state.start(step->id);
      running.push_back(step);
      if (step->kind == StepKind::Cordon && state.is_worker(step->node))
        begun.push_back(step->node);
    }
    return begun;
  }
  /// Ends everything that runs on `node`, and starts nothing.
  void end(const std::string& node, Outcome outcome = Outcome::Succeeded) {
    for (size_t i = 0; i < running.size();) {
      if (running[i]->node != node) {
        ++i;
        continue;
      }
      const Step* step = running[i];
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      state.end(step->id, outcome, moment);
    }
  }
  /// Takes a node to its end, and starts nothing else meanwhile.
  void finish(const std::string& node) {
    while (state.open_nodes().contains(node)) {
      end(node);
      if (state.open_nodes().contains(node)) step_on(node);
    }
  }
  void step_on(const std::string& node) {
    const Step* step = state.next(moment);
    REQUIRE(step != nullptr);
    REQUIRE(step->node == node);
    state.start(step->id);
    running.push_back(step);
  }
  /// Ends and starts all but workers' turns, until the workers' time has come.
  Names up_to_workers() {
    Names begun = start();
    while (begun.empty() && !running.empty()) {
      end(running.front()->node);
      begun = start();
    }
    return begun;
  }
  void block_drain(const std::string& node) {
    end(node);
    step_on(node);
    REQUIRE(running.back()->kind == StepKind::Drain);
    const std::string id = running.back()->id;
    running.pop_back();
    state.put_off(id);
    state.start_out_of_turn();
  }

  PlanState state;
  Moment moment;
  std::vector<const Step*> running;
};

}  // namespace

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
