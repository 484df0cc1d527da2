#include "plans/budget_index.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <functional>

namespace drover::plans {
namespace {

Pod ready_pod() {
  Pod pod;
  pod.ns = "default";
  pod.name = "a";
  pod.phase = "Running";
  pod.ready = true;
  pod.labels = {{"app", "web"}};
  return pod;
}

// minAvailable 3 of 4: by its spec it lets one go.
PodDisruptionBudget budget_with(int healthy) {
  PodDisruptionBudget budget;
  budget.ns = "default";
  budget.name = "web";
  budget.selector = {.present = true, .match_labels = {{"app", "web"}}};
  budget.min_available = "3";
  budget.desired_healthy = 3;
  budget.expected_pods = 4;
  budget.current_healthy = healthy;
  budget.disruptions_allowed = std::max(0, healthy - 3);
  return budget;
}

PodDisruptionBudget stuck() {
  PodDisruptionBudget budget = budget_with(4);
  budget.min_available.clear();
  budget.max_unavailable = "0";
  budget.desired_healthy = 4;
  budget.disruptions_allowed = 0;
  return budget;
}

using Change = std::function<void(Pod&, PodDisruptionBudget&)>;

struct Row {
  const char* what;
  PodDisruptionBudget budget;
  Change change;
  BudgetStance::Kind kind;
  const char* says;  ///< part of the reason
};

constexpr auto kFree = BudgetStance::Free;
constexpr auto kWaits = BudgetStance::Waits;
constexpr auto kNever = BudgetStance::Never;

void nothing(Pod&, PodDisruptionBudget&) {}
void not_ready(Pod& pod, PodDisruptionBudget&) { pod.ready = false; }
void always_allow(Pod& pod, PodDisruptionBudget& budget) {
  pod.ready = false;
  budget.unhealthy = UnhealthyPods::AlwaysAllow;
}
void unknown_policy(Pod& pod, PodDisruptionBudget& budget) {
  pod.ready = false;
  budget.unhealthy = UnhealthyPods::LikeReady;
}
void pending(Pod& pod, PodDisruptionBudget&) {
  pod.ready = false;
  pod.phase = "Pending";
}

}  // namespace

TEST_CASE("S11: what one budget means for a pod") {
  const std::vector<Row> rows = {
      {"room", budget_with(4), nothing, kFree, ""},
      {"no room now", budget_with(3), nothing, kWaits,
       "budget default/web (minAvailable 3 of 4 pods) allows no eviction at this moment (3 "
       "healthy)"},
      {"never by its spec", stuck(), nothing, kNever, "never allows an eviction"},
      {"never by its spec, and not worked out yet", stuck(),
       [](Pod&, PodDisruptionBudget& b) { b.observed = false; }, kNever, "never allows"},
      {"changed just now", budget_with(4), [](Pod&, PodDisruptionBudget& b) { b.observed = false; },
       kWaits, "still being worked out"},
      {"cannot be worked out", budget_with(3),
       [](Pod&, PodDisruptionBudget& b) { b.sync_failed = "found no controllers"; }, kWaits,
       "cannot be counted: found no controllers"},
      {"another label", budget_with(3), [](Pod& p, PodDisruptionBudget&) { p.labels.clear(); },
       kFree, ""},
      {"another namespace", stuck(), [](Pod& p, PodDisruptionBudget&) { p.ns = "other"; }, kFree,
       ""},

      {"not Ready, others healthy enough", budget_with(3), not_ready, kFree, ""},
      {"not Ready, others not healthy enough", budget_with(2), not_ready, kWaits,
       "lets such a pod go only while 3 others are healthy (2 now)"},
      {"not Ready, AlwaysAllow", budget_with(2), always_allow, kFree, ""},
      {"not Ready, AlwaysAllow, never by its spec", stuck(), always_allow, kFree, ""},
      {"not Ready, never by its spec, others healthy", stuck(), not_ready, kFree, ""},
      {"not Ready, never by its spec", stuck(),
       [](Pod& p, PodDisruptionBudget& b) {
         p.ready = false;
         b.current_healthy = 3;
       },
       kNever, "while any of its pods is not healthy"},
      {"not Ready under a policy that is not known", budget_with(2), unknown_policy, kWaits,
       "allows no eviction at this moment"},
      {"not Ready under a policy that is not known, room", budget_with(4), unknown_policy, kFree,
       ""},

      {"Pending", stuck(), pending, kFree, ""},
      {"over", stuck(), [](Pod& p, PodDisruptionBudget&) { p.phase = "Failed"; }, kFree, ""},
      {"going", stuck(), [](Pod& p, PodDisruptionBudget&) { p.deleting = true; }, kFree, ""},
  };
  for (const Row& row : rows) {
    CAPTURE(row.what);
    Pod pod = ready_pod();
    std::vector<PodDisruptionBudget> budgets = {row.budget};
    row.change(pod, budgets[0]);
    const BudgetStance stance = budget_stance(pod, BudgetIndex(budgets).covering(pod));
    CHECK(stance.kind == row.kind);
    CHECK_THAT(stance.why, Catch::Matchers::Contains(row.says));
    CHECK(stance.why.empty() == (row.kind == kFree));
  }
}

TEST_CASE("two budgets on a pod hold it for ever, unless budgets do not count for it") {
  Pod pod = ready_pod();
  std::vector<PodDisruptionBudget> budgets = {budget_with(4), budget_with(4)};
  budgets[1].name = "all";
  budgets[1].selector.match_labels.clear();
  const BudgetIndex index(budgets);
  const BudgetStance stance = budget_stance(pod, index.covering(pod));
  CHECK(stance.kind == kNever);
  CHECK(stance.why ==
        "2 budgets cover it (default/web, default/all), and Kubernetes evicts no pod "
        "with more than one");
  pod.phase = "Pending";
  CHECK(budget_stance(pod, index.covering(pod)).kind == kFree);
}

}  // namespace drover::plans
