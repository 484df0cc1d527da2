#include <catch2/catch.hpp>
#include <random>

#include "tests/support/crash_world.h"

/// A run that dies at every boundary of its journal, and so before and after every effect, over the
/// real executor, step loop and kinds; nodes and API are fakes that remember.
namespace drover::orchestrator {
namespace {

using test::live;
using test::WorkerWorld;

plans::Plan two_workers() { return test::worker_chains(2); }

constexpr size_t kCommands = 4;  // upgrade-node and kubelet-restart of two workers
constexpr int kCrashNever = 1'000'000;

}  // namespace

TEST_CASE("S4 S5: killed at every journal boundary, each command is started once", "[crash]") {
  const plans::Plan plan = two_workers();
  test::MemoryJournal whole;
  WorkerWorld untouched;
  REQUIRE(live(plan, untouched, whole, kCrashNever)->exit_code == 0);
  const int boundaries = 2 * (static_cast<int>(whole.records.size()) - 1);
  REQUIRE(boundaries > 60);
  for (int at = 0; at < boundaries; ++at) {
    INFO("killed at boundary " << at << " of " << boundaries);
    WorkerWorld world;
    test::MemoryJournal journal;
    CHECK_FALSE(live(plan, world, journal, at));
    const auto end = live(plan, world, journal, kCrashNever);
    REQUIRE(end);
    CHECK(end->exit_code == 0);
    CHECK(world.faults(kCommands) == std::vector<std::string>{});
  }
}

TEST_CASE("S4 S5: killed again and again", "[crash]") {
  const plans::Plan plan = two_workers();
  std::minstd_rand random(20261123);
  for (int round = 0; round < 40; ++round) {
    INFO("round " << round);
    WorkerWorld world;
    test::MemoryJournal journal;
    std::optional<RunEnd> end;
    for (int lives = 0; !end && lives < 200; ++lives) {
      end = live(plan, world, journal, std::uniform_int_distribution(1, 20)(random));
    }
    REQUIRE(end);
    CHECK(end->exit_code == 0);
    CHECK(world.faults(kCommands) == std::vector<std::string>{});
  }
}

}  // namespace drover::orchestrator
