#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "plans/drain_forecast.h"
#include "plans/drain_policy.h"
#include "plans/steps/catalogue.h"
#include "tests/support/drain_world.h"
#include "tests/support/kube_json.h"
#include "tests/support/sample_facts.h"
#include "tests/support/step_driver.h"

/// Random clusters and random trouble against what a drain must always keep. The seed is printed
/// with every failure.
namespace drover::plans {
namespace {

using namespace test;

class Dice {
 public:
  explicit Dice(unsigned seed) : engine_(seed) {}
  int upto(int most) { return std::uniform_int_distribution<int>(0, most)(engine_); }
  bool once_in(int n) { return upto(n - 1) == 0; }

 private:
  std::mt19937 engine_;
};

Pod random_pod(Dice& dice, int number) {
  Pod pod;
  pod.ns = dice.once_in(3) ? "apps" : "default";
  pod.name = fmt::format("p{}", number);
  pod.uid = fmt::format("uid-{}", number);
  pod.node = dice.once_in(4) ? "w2" : "w1";
  pod.phase = dice.once_in(6) ? "Succeeded" : dice.once_in(8) ? "Pending" : "Running";
  pod.ready = pod.phase == "Running" && !dice.once_in(6);
  pod.labels = {{"app", fmt::format("a{}", dice.upto(3))}};
  pod.controller = Controller{"apps/v1", "ReplicaSet", fmt::format("rs{}", dice.upto(2))};
  if (dice.once_in(5)) pod.controller = Controller{"apps/v1", "DaemonSet", "agent"};
  if (dice.once_in(20)) pod.controller.reset();
  pod.mirror = dice.once_in(15);
  pod.deleting = dice.once_in(12);
  pod.has_emptydir = dice.once_in(10);
  return pod;
}

PodDisruptionBudget random_budget(Dice& dice, int number, const std::vector<Pod>& pods) {
  PodDisruptionBudget budget;
  budget.ns = dice.once_in(3) ? "apps" : "default";
  budget.name = fmt::format("b{}", number);
  budget.selector = {.present = true, .match_labels = {{"app", fmt::format("a{}", number)}}};
  if (dice.once_in(10)) budget.selector.match_labels.clear();  // everything: two budgets on a pod
  budget.expected_pods =
      static_cast<int>(std::count_if(pods.begin(), pods.end(), [&](const Pod& pod) {
        return budget.covers(pod) && pod.phase == "Running" && !pod.deleting;
      }));
  if (dice.once_in(4)) budget.unhealthy = UnhealthyPods::AlwaysAllow;
  const bool never = dice.once_in(8);
  const int wanted = std::max(0, never ? budget.expected_pods : budget.expected_pods - 1);
  budget.min_available = std::to_string(wanted);
  budget.desired_healthy = wanted;
  return budget;
}

struct Sample {
  ClusterFacts facts;
  UpgradePlan file;
};

Sample random_cluster(Dice& dice) {
  Sample sample{sample_facts(2), sample_upgrade()};
  sample.facts.pods.clear();
  sample.facts.budgets.clear();
  const int pods = dice.upto(12);
  for (int i = 0; i < pods; ++i) sample.facts.pods.push_back(random_pod(dice, i));
  for (int i = 0; i < 4; ++i) {
    if (dice.once_in(2)) {
      sample.facts.budgets.push_back(random_budget(dice, i, sample.facts.pods));
    }
  }
  for (const char* ns : {"default", "apps"}) {
    if (dice.once_in(6)) continue;  // then its DaemonSet is gone
    sample.facts.workloads.push_back({.kind = "DaemonSet", .ns = ns, .name = "agent"});
  }
  for (const char* ns : {"default", "apps"}) {
    for (int i = 0; i < 3; ++i) {
      if (dice.once_in(6)) continue;  // then it is gone
      sample.facts.replicas.push_back({"ReplicaSet", ns, fmt::format("rs{}", i), 1 + dice.upto(2)});
    }
  }
  sample.file.drain.keep_serving = !dice.once_in(4);
  if (dice.once_in(4)) sample.file.drain.disable_eviction = {{dice.once_in(2) ? "w1" : "w2"}};
  sample.file.drain.force = !dice.once_in(3);
  sample.file.drain.delete_emptydir_data = !dice.once_in(4);
  sample.file.drain.ignore_daemonsets = !dice.once_in(10);
  sample.file.drain.timeout = std::chrono::seconds{40};
  return sample;
}

// Trouble of the API now and then, with or without effect.
std::optional<DrainWorld::Fault> random_fault(Dice& dice) {
  if (!dice.once_in(8)) return std::nullopt;
  DrainWorld::Fault fault;
  fault.acts = dice.once_in(2);
  switch (dice.upto(3)) {
    case 0:
      fault.answer = no_answer("connection reset");
      break;
    case 1:
      fault.answer = refusal(503, "ServiceUnavailable", "away");
      break;
    case 2:
      fault.answer = refusal(500, "InternalError", "etcdserver: leader changed");
      break;
    default:
      fault.answer = refusal(429, "TooManyRequests", "slowly");
      fault.answer->retry_after = std::chrono::seconds{dice.upto(3)};
      fault.acts = false;
  }
  return fault;
}

std::set<std::string> evicted(const Drive& end) {
  std::set<std::string> names;
  for (const Sent& sent : end.attempt.sent) {
    names.insert(sent.params.at("namespace") + "/" + sent.params.at("pod"));
  }
  return names;
}

// Pods that went although they were the last ones of a controller that wants several: each is told.
std::vector<std::string> told_not_served(const Drive& end) {
  std::vector<std::string> pods;
  for (const Notice& notice : end.notices) {
    if (notice.code == "not-served")
      pods.insert(pods.end(), notice.pods.begin(), notice.pods.end());
  }
  return pods;
}

bool told_of(const Drive& end, const std::string& code) {
  return std::any_of(end.notices.begin(), end.notices.end(),
                     [&](const Notice& notice) { return notice.code == code; });
}

// S11: the budget is passed by on nodes that the file names, and nowhere else.
void check_budgets_kept(const Sample& sample, const DrainWorld& world, const Drive& end) {
  const bool named = sample.file.drain.disables_eviction("w1");
  CHECK(world.broken_budgets().empty());
  CHECK((named || world.bypassed_budgets().empty()));
  for (const ApiRequest& request : end.sent) {
    CHECK(request.verb == (named ? Verb::Delete : Verb::Post));
  }
}

bool refused_by_filters(const Sample& sample) {
  PodList pods;
  for (const Pod& pod : sample.facts.pods) {
    if (pod.node == "w1") pods.push_back(&pod);
  }
  return !select_pods(pods, sample.file.drain, daemonsets_of(sample.facts.workloads))
              .refused.empty();
}

void check_drain(unsigned seed, bool with_faults) {
  CAPTURE(seed, with_faults);
  Dice dice(seed);
  const Sample sample = random_cluster(dice);
  const Inventory inventory = sample_inventory(2);
  const Scope scope{inventory,   sample.file, sample.facts,
                    {1, 33, 13}, {1, 34, 4},  inventory.hosts[0]};
  const Step step = make_drain(scope, *inventory.find("w1"));
  const ForeseenDrain forecast = forecast_drain(sample.facts, "w1", sample.file.drain);
  DrainWorld world(sample.facts, "w1", 0.5 + dice.upto(20) / 4.0, dice.upto(8) / 4.0);
  if (with_faults) {
    world.fault = [&](size_t, const ApiRequest&) { return random_fault(dice); };
  }
  const Drive end = drive(step, {}, world);
  INFO((end.waits.empty() ? "" : end.waits.back()));
  const std::set<std::string> foreseen(forecast.evicts.begin(), forecast.evicts.end());

  check_budgets_kept(sample, world, end);
  CHECK(world.blind_repeats() == 0);
  CHECK_FALSE(told_of(end, "drain_changed"));
  if (sample.file.drain.keep_serving) {
    const auto told = told_not_served(end);
    for (const std::string& pod : world.left_unserved()) {
      CHECK_THAT(told, Catch::VectorContains(pod));
    }
  }
  if (refused_by_filters(sample)) {
    CHECK(end.sent.empty());
    REQUIRE(end.fail);
    CHECK(end.fail->error.kind == ErrorKind::Refused);
    return;
  }
  // Only faults make an eviction needless: one that was lost may still be sent again.
  CHECK(evicted(end) == foreseen);
  // What nothing starts again may have been what a budget waits for.
  if (forecast.blocked_by.empty() && forecast.gone_for_good.empty()) {
    REQUIRE(end.done);
  } else if (!forecast.blocked_by.empty() && end.done) {
    // A block by a budget concerns pods as they are; one that is not Ready may go all the same.
    CHECK(std::any_of(sample.facts.pods.begin(), sample.facts.pods.end(),
                      [](const Pod& pod) { return !pod.ready; }));
  }
  if (!end.done) return;
  for (const Pod& pod : world.pods_on("w1")) {
    CHECK(judge_pod(pod, sample.file.drain, daemonsets_of(sample.facts.workloads)).fate ==
          PodFate::Ignore);
  }
}

}  // namespace

TEST_CASE("S3, S11: a drain evicts what was foreseen and nothing that a filter refuses") {
  for (unsigned seed = 1; seed <= 120; ++seed) check_drain(seed, false);
}

TEST_CASE("S4, S11: trouble of the API changes neither what is evicted nor a budget") {
  for (unsigned seed = 1; seed <= 120; ++seed) check_drain(seed, true);
}

}  // namespace drover::plans
