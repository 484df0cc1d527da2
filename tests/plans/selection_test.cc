#include <algorithm>
#include <catch2/catch.hpp>

#include "inventory/base/text.h"
#include "plans/planner.h"
#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

using namespace test;

/// cp1 and three workers; what is left out was not looked at, as in a survey.
struct SelectionCase {
  Inventory inventory = sample_inventory(3);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(3);

  void exclude(const std::string& name) {
    upgrade.excluded.push_back({name, 1, 1});
    facts.hosts.erase(name);
  }
  void limit(std::vector<std::string> names) {
    upgrade.limit = std::move(names);
    for (const Host& host : inventory.hosts) {
      if (!upgrade.takes(host) && host.name != "cp1") facts.hosts.erase(host.name);
    }
  }
  Node& node(const std::string& name) {
    return *std::find_if(facts.nodes.begin(), facts.nodes.end(),
                         [&](const Node& n) { return n.name == name; });
  }
  Plan plan() const {
    return make_plan({inventory, upgrade, facts, "2026-01-01T00:00:00Z", "frame", ""});
  }
};

std::vector<std::string> blockers(const Plan& plan) {
  std::vector<std::string> found;
  for (const Verdict& verdict : plan.verdicts) {
    if (verdict.severity == Severity::Blocker) found.push_back(verdict.check);
  }
  return found;
}

const Verdict* find(const Plan& plan, const std::string& check) {
  const auto found = std::find_if(plan.verdicts.begin(), plan.verdicts.end(),
                                  [&](const Verdict& v) { return v.check == check; });
  return found == plan.verdicts.end() ? nullptr : &*found;
}

/// The hosts that steps stand under, in the order of the plan.
std::vector<std::string> hosts_with_steps(const Plan& plan) {
  std::vector<std::string> names;
  for (const Step& step : plan.steps) {
    if (!step.node.empty() && std::find(names.begin(), names.end(), step.node) == names.end()) {
      names.push_back(step.node);
    }
  }
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("an excluded worker has no steps, no drain and no blockers of its own") {
  SelectionCase c;
  c.node("w2").ready = false;
  c.node("w2").unschedulable = true;
  c.exclude("w2");
  const Plan plan = c.plan();
  CHECK(blockers(plan).empty());
  CHECK(hosts_with_steps(plan) == Names{"cp1", "w1", "w3"});
  for (const ForeseenDrain& drain : plan.drains) CHECK(drain.node != "w2");
  CHECK(split_words(plan.find("v1.34/cluster/verify")->param("nodes")) == Names{"cp1", "w1", "w3"});
  CHECK(split_words(plan.find("v1.34/cluster/preflight")->param("nodes")) ==
        Names{"cp1", "w1", "w3"});
  CHECK(find(plan, "cordoned-by-others") == nullptr);
  REQUIRE(find(plan, "excluded") != nullptr);
  CHECK(find(plan, "excluded")->message == "w2 (kubelet v1.33.13) is left out by workers.exclude");
}

TEST_CASE("an excluded host need not be a node at all") {
  SelectionCase c;
  c.inventory.hosts[2].node = "no-node-yet";
  c.exclude("w2");
  c.upgrade.ignored_checks = {"not-in-inventory"};
  CHECK(blockers(c.plan()).empty());
}

TEST_CASE("S6: a worker that is down is a blocker until it is left out") {
  SelectionCase c;
  c.node("w2").ready = false;
  CHECK(blockers(c.plan()) == Names{"budget-used"});
  CHECK(find(c.plan(), "budget-used")->remedy.find("workers.exclude") != std::string::npos);
  c.exclude("w2");
  CHECK(blockers(c.plan()).empty());
  CHECK(find(c.plan(), "node-ready")->severity == Severity::Warning);
}

TEST_CASE("of a worker that is down is said that its drain cannot end, and what to do") {
  SelectionCase c;
  c.node("w2").ready = false;
  c.node("w2").ready_reason = "NodeStatusUnknown";
  c.upgrade.rollout.max_unavailable = {2, false};
  const std::string down = "node w2 is not Ready: NodeStatusUnknown";
  const std::string look = "look at it: kubectl describe node w2";
  const auto told = [&] {
    const Plan plan = c.plan();
    REQUIRE(find(plan, "node-ready") != nullptr);
    return *find(plan, "node-ready");
  };
  CHECK(blockers(c.plan()).empty());
  CHECK(told().message ==
        down + "; while its kubelet is down its drain cannot end, since its pods stay Terminating");
  CHECK(told().remedy == look + "; start its kubelet, or leave it out: workers.exclude: [w2]");
  c.upgrade.drain.skip = true;
  CHECK(told().message == down);
  c.upgrade.drain.skip = false;
  c.exclude("w2");
  CHECK(told().message == down);
  CHECK(told().remedy == look);
}

TEST_CASE("S8: the kubelets of excluded and of unknown nodes count for the skew") {
  SelectionCase c;
  SECTION("excluded") { c.exclude("w3"); }
  SECTION("beyond the limit") { c.limit({"cp1", "w1"}); }
  SECTION("not in the inventory") {
    c.inventory.hosts.pop_back();
    c.upgrade.ignored_checks = {"not-in-inventory"};
  }
  CHECK(blockers(c.plan()).empty());
  c.node("w3").kubelet_version = "v1.30.14";
  CHECK(blockers(c.plan()) == Names{"skew"});
  CHECK(find(c.plan(), "skew")->subject == "w3");
}

TEST_CASE("a limit gives steps to its hosts only") {
  SelectionCase c;
  c.limit({"cp1", "w2"});
  const Plan plan = c.plan();
  CHECK(blockers(plan).empty());
  CHECK(hosts_with_steps(plan) == Names{"cp1", "w2"});
  CHECK(split_words(plan.find("v1.34/cluster/verify")->param("nodes")) == Names{"cp1", "w2"});
  CHECK(find(plan, "limit")->severity == Severity::Info);
  CHECK(find(plan, "limit")->message ==
        "--limit leaves out w1 (kubelet v1.33.13), w3 (kubelet v1.33.13)");
  CHECK(plan.id != SelectionCase().plan().id);
}

TEST_CASE("S8: a limit that takes workers before their control plane is a blocker") {
  SelectionCase c;
  c.limit({"w1", "w2"});
  const Plan plan = c.plan();
  CHECK(blockers(plan) == Names{"limit"});
  CHECK(plan.steps.empty());
  CHECK(find(plan, "limit")->message ==
        "no worker goes to 1.34.4 before the control plane, which is at 1.33.13, and --limit "
        "leaves cp1 out");
  CHECK(find(plan, "limit")->remedy == "include cp1 first: --limit cp1");
  upgrade_control_plane_facts(c.facts);
  CHECK(blockers(c.plan()).empty());
  CHECK(hosts_with_steps(c.plan()) == Names{"w1", "w2"});
}

TEST_CASE("a limit without the control plane asks nothing of its machine") {
  SelectionCase c;
  upgrade_control_plane_facts(c.facts);
  c.facts.hosts["cp1"].free["/var"] = 0;
  c.facts.hosts["cp1"].offered.clear();
  c.limit({"w1"});
  CHECK(blockers(c.plan()).empty());
  c.upgrade.target.patch.reset();
  CHECK(c.plan().target == "1.34.4");
  CHECK(blockers(c.plan()).empty());
}

TEST_CASE("a limited worker that is down still counts for the budget, others keep it") {
  SelectionCase c;
  c.node("w3").ready = false;
  c.limit({"cp1", "w1"});
  CHECK(blockers(c.plan()) == Names{"budget-used"});
}

TEST_CASE("S10: a cordon of ours on a node without steps is named, not taken over") {
  SelectionCase c;
  c.node("w3").unschedulable = true;
  c.node("w3").annotations["drover.local/cordon"] = R"({"run":"run-0","was":false})";
  c.exclude("w3");
  const Plan plan = make_plan({.inventory = c.inventory,
                               .file = c.upgrade,
                               .facts = c.facts,
                               .created = "",
                               .preamble = "",
                               .self = "",
                               .unfinished_runs = {"run-0"}});
  REQUIRE(find(plan, "cordoned-by-others") != nullptr);
  CHECK(find(plan, "cordoned-by-others")->severity == Severity::Warning);
  CHECK(find(plan, "cordoned-by-others")->message.find("has no steps in this plan") !=
        std::string::npos);
}

TEST_CASE("a plan tells which workers it was made without") {
  SelectionCase c;
  c.exclude("w2");
  CHECK(hosts_not_seen(c.plan(), c.inventory) == Names{"w2"});
  SelectionCase limited;
  limited.limit({"w1"});
  CHECK(hosts_not_seen(limited.plan(), limited.inventory) == Names{"w2", "w3"});
  CHECK(hosts_not_seen(SelectionCase().plan(), c.inventory).empty());
}

}  // namespace drover::plans
