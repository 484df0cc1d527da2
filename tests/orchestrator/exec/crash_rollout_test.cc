#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "tests/support/crash_world.h"
#include "tests/support/sample_facts.h"

/// The same with several workers in flight, one of which a budget holds back for ever.
namespace drover::orchestrator {
namespace {

using test::live;
using test::WorkerWorld;

constexpr int kNever = 1'000'000;
constexpr int kBudget = 2;

plans::Plan four_workers() {
  plans::Plan plan = test::worker_chains(4);
  plan.rollout.budget = kBudget;
  plan.rollout.order = WorkerOrder::Inventory;
  for (int i = 1; i <= 4; ++i) {
    const std::string name = "w" + std::to_string(i);
    plan.rollout.workers.push_back({name, name, ""});
  }
  return plan;
}

/// Everybody but w2 is done, w2 was given back, and nobody was ever down beyond the budget.
void check_end(const std::optional<RunEnd>& end, WorkerWorld& world) {
  REQUIRE(end);
  CHECK(end->exit_code == 5);
  constexpr size_t kCommands = 6;  // upgrade-node and kubelet-restart of three workers
  CHECK(world.faults(kCommands) == std::vector<std::string>{});
  CHECK(world.most_cordoned() <= kBudget);
  for (const std::string& id : end->left) CHECK(id.starts_with("v1.34/w2/"));
  CHECK(end->left.size() == 6);
  CHECK(end->message.find("w2 was put off") != std::string::npos);
}

}  // namespace

TEST_CASE("S5 S6 S11: killed at every journal boundary with two workers in flight and one put off",
          "[crash]") {
  const plans::Plan plan = four_workers();
  test::MemoryJournal whole;
  WorkerWorld untouched("w2");
  check_end(live(plan, untouched, whole, kNever), untouched);
  CHECK(untouched.most_cordoned() == kBudget);
  CHECK(whole.count("step-deferred", "v1.34/w2/drain") == 2);
  const int boundaries = 2 * (static_cast<int>(whole.records.size()) - 1);
  REQUIRE(boundaries > 150);
  for (int at = 0; at < boundaries; ++at) {
    INFO("killed at boundary " << at << " of " << boundaries);
    WorkerWorld world("w2");
    test::MemoryJournal journal;
    if (live(plan, world, journal, at)) continue;  // by chance it needed fewer records
    check_end(live(plan, world, journal, kNever), world);
  }
}

TEST_CASE("S5 S6 S11: killed again and again with two workers in flight", "[crash]") {
  const plans::Plan plan = four_workers();
  std::minstd_rand random(20261127);
  for (int round = 0; round < 25; ++round) {
    INFO("round " << round);
    WorkerWorld world("w2");
    test::MemoryJournal journal;
    std::optional<RunEnd> end;
    for (int lives = 0; !end && lives < 400; ++lives) {
      end = live(plan, world, journal, std::uniform_int_distribution(20, 120)(random));
    }
    check_end(end, world);
  }
}

}  // namespace drover::orchestrator
