#include "plans/rollout/past_durations.h"

#include <catch2/catch.hpp>

#include "tests/support/small_plan.h"

namespace drover::plans {

using std::chrono::seconds;

TEST_CASE("what a node took last counts for it, and the median for those that nobody knows") {
  PastDurations past;
  CHECK_FALSE(past.of("drain", "w1"));
  past.add("drain", "w1", seconds(100));
  past.add("drain", "w1", seconds(10));
  past.add("drain", "w2", seconds(20));
  past.add("drain", "w3", seconds(1000));
  CHECK(past.of("drain", "w1") == seconds(10));
  CHECK(past.of("drain", "w9") == seconds(20));
  past.add("drain", "w4", seconds(2000));
  past.add("drain", "w5", seconds(3000));
  CHECK(past.of("drain", "w9") == seconds(1000));
  CHECK_FALSE(past.of("cordon", "w1"));
}

TEST_CASE(
    "an estimate is at least a second, at most the step's time, and not the file's to settle") {
  std::vector<Step> steps;
  for (const StepKind kind : {StepKind::Drain, StepKind::Cordon, StepKind::Settled}) {
    steps.push_back(test::bare(kind, "w1", "x", {}));
    steps.back().timeout = seconds(60);
    steps.back().estimate = seconds(7);
  }
  PastDurations past;
  past.add("drain", "w1", seconds(900));
  past.add("cordon", "w1", seconds(0));
  past.add("settled", "w1", seconds(50));
  expect(steps, past);
  CHECK(steps[0].estimate == seconds(60));
  CHECK(steps[1].estimate == seconds(1));
  CHECK(steps[2].estimate == seconds(7));
}

}  // namespace drover::plans
