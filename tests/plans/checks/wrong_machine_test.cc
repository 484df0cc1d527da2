#include <algorithm>
#include <catch2/catch.hpp>

#include "plans/fingerprint.h"
#include "plans/maintenance.h"
#include "plans/planner.h"
#include "tests/support/sample_facts.h"

/// Nothing is done on a machine that is not the node's.
namespace drover::plans {
namespace {

using namespace test;
using Messages = std::vector<std::string>;

/// cp1 and three workers; the addresses of w1 and w2 are swapped.
struct SwappedCase {
  Inventory inventory = sample_inventory(3);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(3);

  SwappedCase() { std::swap(on("w1").boot_id, on("w2").boot_id); }

  NodeFacts& on(const std::string& host) { return facts.hosts.at(host); }
  Node& node(const std::string& name) {
    return *std::find_if(facts.nodes.begin(), facts.nodes.end(),
                         [&](const Node& one) { return one.name == name; });
  }
  Plan upgrade_plan() const {
    return make_plan({inventory, upgrade, facts, "2026-01-01T00:00:00Z", "frame", ""});
  }
  Plan node_plan(NodeAction action, const std::vector<std::string>& names) {
    UpgradePlan file;
    file.reboot = Reboot::Always;
    std::vector<ChosenNode> nodes;
    for (const std::string& name : names) nodes.push_back({inventory.find(name), true});
    return make_maintenance_plan(
        {.action = action, .inventory = inventory, .file = file, .facts = facts, .nodes = nodes});
  }
};

Messages wrong_machines(const Plan& plan) {
  Messages found;
  for (const Verdict& verdict : plan.verdicts) {
    if (verdict.check != "wrong-machine") continue;
    CHECK(verdict.severity == Severity::Blocker);
    CHECK(verdict.override_.empty());
    found.push_back(verdict.message);
  }
  return found;
}

const std::string kW1 = "w1: the machine reached at 10.0.0.21 is node w2's";
const std::string kW2 = "w2: the machine reached at 10.0.0.22 is node w1's";

}  // namespace

TEST_CASE("S17: swapped addresses block, and each names whose machine it is") {
  SwappedCase c;
  CHECK(c.upgrade_plan().blocked());
  CHECK(wrong_machines(c.upgrade_plan()) == Messages{kW1, kW2});
  c.upgrade.ignored_checks = {"wrong-machine"};
  CHECK(c.upgrade_plan().blocked());
}

TEST_CASE("a machine is compared only with a node that tells of its present boot") {
  SwappedCase c;
  SECTION("not Ready") { c.node("w1").ready = false; }
  SECTION("the machine has none") { c.on("w1").boot_id.clear(); }
  SECTION("left out") { c.upgrade.excluded.push_back({"w1", 1, 1}); }
  SECTION("beyond the limit") { c.upgrade.limit = {"cp1", "w2"}; }
  SECTION("not in the cluster") { c.inventory.hosts[1].node = "w9"; }
  CHECK(wrong_machines(c.upgrade_plan()) == Messages{kW2});
}

TEST_CASE("a node without a boot id is nobody's owner") {
  SwappedCase c;
  c.node("w1").boot_id.clear();
  CHECK(wrong_machines(c.upgrade_plan()) ==
        Messages{"w2: the machine reached at 10.0.0.22 is not node w2's: their boot ids differ"});
}

TEST_CASE("machines that share a kernel are not told apart") {
  SwappedCase c;
  for (Node& node : c.facts.nodes) node.boot_id = "boot";
  for (auto& [name, host] : c.facts.hosts) host.boot_id = "boot";
  CHECK_FALSE(c.upgrade_plan().blocked());
  c.node("w1").boot_id = "its own";
  CHECK(wrong_machines(c.upgrade_plan()) ==
        Messages{"w1: the machine reached at 10.0.0.21 is not node w1's: their boot ids differ"});
}

TEST_CASE("S17: only a reboot reaches the machines of a node command", "[maintenance]") {
  SwappedCase c;
  const Plan reboot = c.node_plan(NodeAction::Reboot, {"w1", "w3"});
  CHECK(wrong_machines(reboot) == Messages{kW1});
  CHECK(reboot.steps.empty());
  CHECK_FALSE(c.node_plan(NodeAction::Reboot, {"w3"}).blocked());
  for (const NodeAction action : {NodeAction::Cordon, NodeAction::Drain, NodeAction::Uncordon}) {
    CHECK_FALSE(c.node_plan(action, {"w1"}).blocked());
  }
  c.node("w1").ready = false;
  CHECK(wrong_machines(c.node_plan(NodeAction::Reboot, {"w1"})).empty());
}

TEST_CASE("a saved plan is stale when another machine is reached than before") {
  SwappedCase c;
  const auto now = fingerprint(c.inventory, c.facts);
  std::swap(c.on("w1").boot_id, c.on("w2").boot_id);
  const auto then = fingerprint(c.inventory, c.facts);
  CHECK(fingerprint_differences(then, now) == Messages{"nodes/w1/machine: (nothing) → node w2's",
                                                       "nodes/w2/machine: (nothing) → node w1's"});
  c.on("w1").boot_id = c.node("w1").boot_id = "restarted since";
  CHECK(fingerprint(c.inventory, c.facts) == then);
}

}  // namespace drover::plans
