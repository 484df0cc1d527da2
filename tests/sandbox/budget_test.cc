#include "examples/sandbox/world/budget.h"

#include <catch2/catch.hpp>

namespace drover::sandbox {
namespace {

Pod pod(bool ready, bool deleting = false) {
  Pod pod;
  pod.ready = ready;
  if (deleting) pod.deleting = Moment{};
  return pod;
}

BudgetStatus status(const std::string& min, const std::string& max, int ready, int unready,
                    std::optional<int> scale) {
  std::vector<Pod> pods(static_cast<size_t>(ready), pod(true));
  pods.resize(static_cast<size_t>(ready + unready), pod(false));
  std::vector<const Pod*> covered;
  for (const Pod& one : pods) covered.push_back(&one);
  return budget_status({.min_available = min, .max_unavailable = max}, covered, scale);
}

TEST_CASE("a budget allows as many evictions as the disruption controller counts", "[sandbox]") {
  struct Row {
    const char* min;
    const char* max;
    int ready;
    int unready;
    std::optional<int> scale;
    int desired;
    int expected;
    int allowed;
  };
  const Row row = GENERATE(values<Row>({
      {"3", "", 4, 0, 4, 3, 4, 1},
      {"3", "", 3, 1, 4, 3, 4, 0},
      {"3", "", 2, 2, 4, 3, 4, 0},
      {"3", "", 2, 0, std::nullopt, 3, 2, 0},
      {"0", "", 2, 0, std::nullopt, 0, 2, 2},
      {"1", "", 0, 0, std::nullopt, 1, 0, 0},  // no pods: nothing is allowed
      {"50%", "", 3, 0, 3, 2, 3, 1},           // 1.5 is rounded up
      {"100%", "", 3, 0, 3, 3, 3, 0},
      {"", "1", 4, 0, 4, 3, 4, 1},
      {"", "1", 3, 1, 4, 3, 4, 0},
      {"", "25%", 4, 0, 4, 3, 4, 1},
      {"", "30%", 3, 0, 3, 2, 3, 1},  // 0.9 is rounded up, too
      {"", "0", 4, 0, 4, 4, 4, 0},
      {"", "5", 3, 0, 3, 0, 3, 3},
  }));
  CAPTURE(row.min, row.max, row.ready, row.unready);
  const BudgetStatus is = status(row.min, row.max, row.ready, row.unready, row.scale);
  CHECK(is.desired_healthy == row.desired);
  CHECK(is.expected_pods == row.expected);
  CHECK(is.disruptions_allowed == row.allowed);
  CHECK(is.current_healthy == row.ready);
}

TEST_CASE("shares cannot be counted of pods without a controller", "[sandbox]") {
  const BudgetStatus is = status("", "1", 2, 0, std::nullopt);
  CHECK_FALSE(is.synced);
  CHECK(is.disruptions_allowed == 0);
}

TEST_CASE("a pod on its way out is not healthy, and counts as expected", "[sandbox]") {
  const Pod here = pod(true);
  const Pod going = pod(true, true);
  const BudgetStatus is = budget_status({.min_available = "1"}, {&here, &going}, 2);
  CHECK(is.current_healthy == 1);
  CHECK(is.expected_pods == 2);
  CHECK(is.disruptions_allowed == 0);
}

TEST_CASE("a pod that is not Ready is let go by the budget's policy", "[sandbox]") {
  const bool always = GENERATE(false, true);
  const bool healthy = GENERATE(false, true);
  Budget budget{.min_available = "2", .always_allow_unhealthy = always};
  const BudgetStatus is{.current_healthy = healthy ? 2 : 1, .desired_healthy = 2};
  CHECK(judge_eviction(budget, is, pod(false)) ==
        (always || healthy ? Verdict::Allowed : Verdict::Refused));
  CHECK(judge_eviction(budget, is, pod(true)) == Verdict::Refused);
}

TEST_CASE("no pod needs to be healthy: IfHealthyBudget lets none go for that", "[sandbox]") {
  CHECK(judge_eviction({.min_available = "0"}, {}, pod(false)) == Verdict::Refused);
}

TEST_CASE("a budget that is not processed yet asks for patience", "[sandbox]") {
  const Budget budget{.min_available = "1", .processed = false};
  CHECK(judge_eviction(budget, {.disruptions_allowed = 1}, pod(true)) == Verdict::Processing);
}

}  // namespace
}  // namespace drover::sandbox
