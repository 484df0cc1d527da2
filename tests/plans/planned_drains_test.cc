#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "plans/planner.h"
#include "plans/steps/kind.h"
#include "tests/support/sample_facts.h"

/// What is foreseen of drains, and the drains that a plan has.
namespace drover::plans {
namespace {

using namespace test;

struct PlannedDrainsCase {
  Inventory inventory;
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts;

  explicit PlannedDrainsCase(int workers)
      : inventory(sample_inventory(workers)), facts(sample_facts(workers)) {}

  Plan plan() const {
    return make_plan({inventory, upgrade, facts, "2026-01-01T00:00:00Z", "frame", ""});
  }
  /// Two pods on the control plane that can never be evicted: nothing would start the one again,
  /// and a budget holds the other.
  void block_control_plane() {
    Pod pod = facts.pods.front();
    pod.ns = "default";
    pod.name = "bare";
    pod.mirror = false;
    pod.labels = {{"app", "web"}};
    facts.pods.push_back(pod);
    pod.name = "guarded";
    pod.controller = Controller{"apps/v1", "ReplicaSet", "web"};
    facts.pods.push_back(pod);
    facts.budgets[0].min_available = "4";
  }
  void cordon(int workers) {
    for (int i = 1; i <= workers; ++i) facts.nodes[static_cast<size_t>(i)].unschedulable = true;
  }
  void upgrade_nodes(int workers) {
    for (int i = 1; i <= workers; ++i) upgrade_node_facts(facts, "w" + std::to_string(i));
  }
};

std::vector<Verdict> verdicts_of(const Plan& plan, const std::string& check) {
  std::vector<Verdict> found;
  for (const Verdict& verdict : plan.verdicts) {
    if (verdict.check == check) found.push_back(verdict);
  }
  return found;
}

std::set<std::string> foreseen_nodes(const Plan& plan) {
  std::set<std::string> nodes;
  for (const ForeseenDrain& drain : plan.drains) nodes.insert(drain.node);
  return nodes;
}

std::set<std::string> drained_nodes(const Plan& plan) {
  std::set<std::string> nodes;
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::Drain) nodes.insert(step.node);
  }
  return nodes;
}

}  // namespace

TEST_CASE("a control plane whose pods no other node could take is not drained: nothing blocks it") {
  PlannedDrainsCase alone(0);
  alone.block_control_plane();
  const Plan plan = alone.plan();
  CHECK_FALSE(plan.blocked());
  CHECK(verdicts_of(plan, "drain").empty());
  CHECK(plan.drains.empty());
  CHECK(drained_nodes(plan).empty());
  REQUIRE(verdicts_of(plan, "single-etcd").size() == 1);
  CHECK(verdicts_of(plan, "single-etcd")[0].message.ends_with(
      "; cp1 is not drained, since no other node could take its pods"));
}

TEST_CASE("a control plane whose pods another node could take is drained: they block it") {
  PlannedDrainsCase beside(1);
  beside.block_control_plane();
  const Plan plan = beside.plan();
  CHECK(plan.blocked());
  CHECK_FALSE(verdicts_of(plan, "drain").empty());
  REQUIRE(verdicts_of(plan, "single-etcd").size() == 1);
  CHECK(verdicts_of(plan, "single-etcd")[0].message.ends_with("pods go on serving"));
}

TEST_CASE("S3: drains are foreseen of exactly the nodes that have a drain step") {
  for (const int workers : {0, 1, 2, 3}) {
    for (int some = 0; some <= workers; ++some) {
      INFO(some << " of " << workers << " workers");
      PlannedDrainsCase cordoned(workers);
      cordoned.cordon(some);
      PlannedDrainsCase done(workers);
      done.upgrade_nodes(some);
      for (const Plan& plan : {cordoned.plan(), done.plan()}) {
        REQUIRE_FALSE(plan.steps.empty());
        CHECK(foreseen_nodes(plan) == drained_nodes(plan));
      }
    }
  }
}

}  // namespace drover::plans
