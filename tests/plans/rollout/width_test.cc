#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "plans/plan_state.h"
#include "plans/planner.h"
#include "plans/rollout/schedule.h"
#include "tests/support/sample_facts.h"
#include "tests/support/small_plan.h"

/// How many workers are really down at once.
namespace drover::plans {
namespace {

/// Workers that get slots before the first one gives its back.
int effective_width(int workers, Share share) {
  Plan plan = test::small_plan(workers);
  UpgradePlan file = test::sample_upgrade();
  file.rollout.max_unavailable = share;
  std::vector<CountedWorker> counted;
  for (int i = 1; i <= workers; ++i) {
    const std::string name = "w" + std::to_string(i);
    counted.push_back({name, name, ""});
  }
  plan.rollout = make_rollout(test::sample_inventory(0), file, std::move(counted));
  PlanState state(plan);
  while (const Step* step = state.next({})) {
    state.start(step->id);
    const bool takes_slot = step->kind == StepKind::Cordon && state.is_worker(step->node);
    if (!takes_slot) state.end(step->id, PlanState::Outcome::Succeeded);
  }
  return static_cast<int>(state.open_nodes().size());
}

int floor_of(int workers, int percent) {
  int nodes = 0;
  while ((nodes + 1) * 100 <= workers * percent) ++nodes;  // without a division that could be lost
  return std::max(nodes, 1);
}

}  // namespace

TEST_CASE("S6: the effective width is the budget, for every count of workers and every number") {
  for (int workers = 1; workers <= 24; ++workers) {
    for (int number = 1; number <= 26; ++number) {
      INFO(number << " of " << workers);
      REQUIRE(effective_width(workers, {number, false}) == std::min(number, workers));
    }
  }
}

TEST_CASE(
    "S6: the effective width is the budget, for every count of workers and every percentage") {
  for (int workers = 1; workers <= 60; workers += workers < 20 ? 1 : 8) {
    for (int percent = 0; percent <= 100; ++percent) {
      INFO(percent << "% of " << workers);
      REQUIRE(effective_width(workers, {percent, true}) == floor_of(workers, percent));
    }
  }
}

TEST_CASE("k0sctl's lost percentage: ten percent of fifty workers are five at once, not one") {
  CHECK(effective_width(50, {10, true}) == 5);
  CHECK(effective_width(1000, {10, true}) == 100);
  CHECK(effective_width(9, {99, true}) == 8);
}

TEST_CASE("a share is one of the workers that count: neither control planes nor excluded ones do") {
  Inventory inventory = test::sample_inventory(10);
  ClusterFacts facts = test::sample_facts(10);
  UpgradePlan file = test::sample_upgrade();
  file.rollout.max_unavailable = {50, true};
  file.rollout.ramp = {{1, false}, {10, true}, {30, true}, {90, true}};
  CHECK(make_rollout(inventory, file, facts).budget == 5);
  CHECK(make_rollout(inventory, file, facts).ramp == std::vector<int>{1, 1, 3});
  file.excluded = {{"w1"}, {"w2"}};
  CHECK(make_rollout(inventory, file, facts).budget == 4);
  Node stranger = facts.nodes.back();
  stranger.name = "stranger";
  facts.nodes.push_back(stranger);
  facts.nodes.push_back(stranger);
  CHECK(make_rollout(inventory, file, facts).budget == 5);
}

TEST_CASE("the foreseen time of a roll-out is that of its width") {
  Plan plan = test::small_plan(12);
  for (Step& step : plan.steps) step.estimate = std::chrono::seconds(1);
  const auto total = [&](int budget) {
    plan.rollout.budget = budget;
    return foresee(plan).total.count();
  };
  constexpr int kAround = 9;  // preflight, the control plane, addons and verify
  CHECK(total(1) == kAround + 12 * 5);
  CHECK(total(3) == kAround + 4 * 5);
  CHECK(total(5) == kAround + 3 * 5);
  CHECK(total(12) == kAround + 5);
  plan.rollout.canary = 1;
  CHECK(total(12) == kAround + 2 * 5);
  plan.rollout.pause.between_nodes = std::chrono::seconds(7);
  CHECK(total(1) == kAround + 12 * 5 + 11 * 7);
  CHECK(total(3) ==
        kAround + 46);  // the canary's slot comes round every 12 s, the others begin after it
}

}  // namespace drover::plans
