#include <algorithm>
#include <catch2/catch.hpp>

#include "plans/planner.h"
#include "tests/support/sample_facts.h"

/// Everything that can be foreseen to go wrong is said before the first change: one message for one
/// cause, with what to do about it.
namespace drover::plans {
namespace {

using namespace test;
using Catch::Contains;
using Catch::Equals;

struct PlannedErrorsCase {
  Inventory inventory = sample_inventory(2);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(2);

  NodeFacts& on(const std::string& host) { return facts.hosts.at(host); }
  void offer_nothing(const std::string& error) {
    for (auto& [name, host] : facts.hosts) {
      host.offered.clear();
      host.offered_error = error;
    }
  }
  std::vector<Verdict> verdicts(Severity severity) const {
    const Plan plan = make_plan({inventory, upgrade, facts, "2026-01-01T00:00:00Z", "frame", ""});
    std::vector<Verdict> found;
    for (const Verdict& verdict : plan.verdicts) {
      if (verdict.severity == severity) found.push_back(verdict);
    }
    return found;
  }
};

struct PlannedErrorsRow {
  const char* what;
  void (*plant)(PlannedErrorsCase&);
  const char* check;
  const char* subject;
  const char* message;
  const char* remedy;
};

const std::vector<PlannedErrorsRow> kRows = {
    {"target not offered", [](PlannedErrorsCase& c) { c.upgrade.target.patch = 9; }, "not-offered",
     "cluster",
     "kubeadm, kubelet, kubectl 1.34.9 are not offered to cp1 (10.0.0.11), w1 (10.0.0.21), w2 "
     "(10.0.0.22)",
     "offered of 1.34 is 1.34.4, 1.34.3: choose one of these as `target`"},
    {"target not offered to one node",
     [](PlannedErrorsCase& c) { c.on("w2").offered["kubelet"] = {"1.34.3-1.1"}; }, "not-offered",
     "w2", "kubelet 1.34.4 is not offered to w2 (10.0.0.22)",
     "offered of 1.34 is 1.34.4, 1.34.3: choose one of these as `target`"},
    {"nothing of the target's minor offered",
     [](PlannedErrorsCase& c) {
       c.upgrade.target.patch.reset();
       c.on("cp1").offered.clear();
     },
     "not-offered", "cp1", "kubeadm, kubelet, kubectl 1.34 are not offered to cp1 (10.0.0.11)",
     "nothing of that minor is offered: check the repository"},
    {"the target's repository out of reach",
     [](PlannedErrorsCase& c) { c.offer_nothing("E: 404 Not Found"); }, "not-offered", "cluster",
     "the repository of 1.34 cannot be read from cp1 (10.0.0.11), w1 (10.0.0.21), w2 (10.0.0.22): "
     "E: 404 Not Found",
     "make that repository reachable from the node"},
    {"target lower",
     [](PlannedErrorsCase& c) {
       c.upgrade.target = {1, 33, 1};
     },
     "downgrade", "cluster", "target 1.33.1 is below the present version 1.33.13",
     "Kubernetes cannot be downgraded; restore an etcd snapshot of the old version instead"},
    {"target a lower minor",
     [](PlannedErrorsCase& c) {
       c.upgrade.target = {1, 32, std::nullopt};
       c.offer_nothing("E: 404 Not Found");
     },
     "downgrade", "cluster", "target 1.32 is below the present version 1.33.13",
     "Kubernetes cannot be downgraded; restore an etcd snapshot of the old version instead"},
    {"target two minors up",
     [](PlannedErrorsCase& c) {
       c.upgrade.target = {1, 35, 2};
       c.offer_nothing("E: 404 Not Found");
     },
     "hops", "cluster",
     "target 1.35.2 is 2 minors above 1.33.13: hops of more than one minor are not supported yet",
     "go to 1.34 first: set `target: \"1.34\"`"},
    {"target of another major",
     [](PlannedErrorsCase& c) {
       c.upgrade.target = {2, 0, std::nullopt};
       c.offer_nothing("E: 404 Not Found");
     },
     "hops", "cluster", "target 2.0 is of another major version than 1.33.13",
     "correct `target`; the next minor is 1.34"},
    {"kubeadm held at a newer version",
     [](PlannedErrorsCase& c) { c.on("w1").installed["kubeadm"] = "1.35.0-1.1"; },
     "package-versions", "w1",
     "kubeadm 1.35.0-1.1 (on hold) of w1 (10.0.0.21) is newer than the target 1.34.4",
     "raise `target`, or go back by hand on w1: apt-get install --allow-downgrades "
     "--allow-change-held-packages kubeadm=1.34.4-1.1"},
    {"kubectl newer, not held",
     [](PlannedErrorsCase& c) {
       c.on("cp1").installed["kubectl"] = "1.34.9-1.1";
       c.on("cp1").held.clear();
     },
     "package-versions", "cp1",
     "kubectl 1.34.9-1.1 of cp1 (10.0.0.11) is newer than the target 1.34.4",
     "raise `target`, or go back by hand on cp1: apt-get install --allow-downgrades "
     "kubectl=1.34.4-1.1"},
    {"packages ahead of a kubelet that was not restarted",
     [](PlannedErrorsCase& c) {
       for (auto& [package, revision] : c.on("w2").installed) revision = "1.34.9-1.1";
     },
     "package-versions", "w2",
     "kubeadm 1.34.9-1.1 (on hold), kubectl 1.34.9-1.1 (on hold), kubelet 1.34.9-1.1 (on hold) of "
     "w2 (10.0.0.22) are newer than the target 1.34.4",
     "raise `target`, or go back by hand on w2: apt-get install --allow-downgrades "
     "--allow-change-held-packages kubeadm=1.34.4-1.1 kubectl=1.34.4-1.1 kubelet=1.34.4-1.1"},
    {"a node ahead of the target",
     [](PlannedErrorsCase& c) {
       for (auto& [package, revision] : c.on("w2").installed) revision = "1.34.9-1.1";
       c.facts.nodes[2].kubelet_version = "v1.34.9";
     },
     "skew", "w2", "kubelet 1.34.9 of w2 is newer than the target 1.34.4",
     "raise `target` to at least 1.34.9"},
    {"a budget that never allows an eviction, with pods on several nodes",
     [](PlannedErrorsCase& c) { c.facts.budgets[0].min_available = "4"; }, "drain", "cluster",
     "w1, w2 can never be drained: default/web-1, default/web-2: budget default/web (minAvailable "
     "4 "
     "of 4 pods) never allows an eviction",
     "change the budget or the workload for the upgrade, name the node in drain.disable_eviction, "
     "or "
     "go on without it: preflight.ignore: [drain]"},
    {"a pod that nothing would start again",
     [](PlannedErrorsCase& c) { c.facts.pods.back().controller.reset(); }, "drain", "w2",
     "w2 can never be drained: default/web-2: has no controller, so nothing would start it again "
     "(drain.force overrides)",
     "move or delete what is named, or set the key in the plan file"},
    {"no disk", [](PlannedErrorsCase& c) { c.on("w1").free["/var"] = 10 << 20; }, "disk-space",
     "w1", "w1 (10.0.0.21) has 10 MiB free at /var; 300 MiB are wanted for images",
     "free some space, or preflight.ignore: [disk-space]"},
    {"no disk at all, on one file system",
     [](PlannedErrorsCase& c) {
       for (auto& [path, bytes] : c.on("cp1").free) bytes = 5 << 20;
     },
     "disk-space", "cp1",
     "cp1 (10.0.0.11) has 5 MiB free at /tmp, /var/cache/apt/archives, /var, /etc/kubernetes, "
     "/var/lib/etcd; 1800 MiB are wanted: 200 to unpack the target's kubeadm, 300 for packages, "
     "900 "
     "for images, 200 for the copy of etcd that kubeadm makes, 200 for an etcd snapshot",
     "free some space, or preflight.ignore: [disk-space]"},
    {"no disk, on two file systems",
     [](PlannedErrorsCase& c) {
       c.on("w1").free["/tmp"] = 1 << 20;
       c.on("w1").free["/var"] = 10 << 20;
     },
     "disk-space", "w1",
     "w1 (10.0.0.21) has 1 MiB free at /tmp; 200 MiB are wanted to unpack the target's kubeadm; "
     "and 10 MiB free at /var; 300 MiB are wanted for images",
     "free some space, or preflight.ignore: [disk-space]"},
    {"a control plane that is down, its pods with it",
     [](PlannedErrorsCase& c) {
       c.facts.nodes[0].ready = false;
       c.facts.nodes[0].ready_reason = "KubeletNotReady";
       for (Pod& pod : c.facts.pods) pod.ready = pod.node != "cp1";
     },
     "node-ready", "cp1", "node cp1 is not Ready: KubeletNotReady",
     "look at it: kubectl describe node cp1"},
    {"an address that leads to another node's machine",
     [](PlannedErrorsCase& c) { c.on("w1").boot_id = "boot-w2"; }, "wrong-machine", "w1",
     "w1: the machine reached at 10.0.0.21 is node w2's",
     "correct `address`, `port` or `node` of w1 in inventory.yaml; or, if a machine was restarted "
     "within the last minute, its kubelet has not reported that yet: try again"},
    {"a forwarded port that leads to a machine that is no node's",
     [](PlannedErrorsCase& c) {
       c.on("w1").boot_id = "boot-of-nobody";
       c.inventory.hosts[1].ssh.port = 2201;
     },
     "wrong-machine", "w1",
     "w1: the machine reached at 10.0.0.21 port 2201 is not node w1's: their boot ids differ",
     "correct `address`, `port` or `node` of w1 in inventory.yaml; or, if a machine was restarted "
     "within the last minute, its kubelet has not reported that yet: try again"},
    {"a node that is not in the inventory",
     [](PlannedErrorsCase& c) { c.inventory.hosts.pop_back(); }, "not-in-inventory", "w2",
     "node w2 (v1.33.13) is not in the inventory inventory.yaml",
     "add it to `hosts`, or let it stay behind: preflight.ignore: [not-in-inventory]"},
};

}  // namespace

TEST_CASE("S17: each planned error is one blocker with its cause and what to do") {
  CHECK(PlannedErrorsCase().verdicts(Severity::Blocker).empty());
  for (const PlannedErrorsRow& row : kRows) {
    PlannedErrorsCase c;
    row.plant(c);
    INFO(row.what);
    const std::vector<Verdict> blockers = c.verdicts(Severity::Blocker);
    std::string all;
    for (const Verdict& verdict : blockers) all += verdict.check + ": " + verdict.message + "\n";
    INFO(all);
    REQUIRE(blockers.size() == 1);
    CHECK(blockers[0].check == row.check);
    CHECK(blockers[0].subject == row.subject);
    CHECK_THAT(blockers[0].message, Equals(row.message));
    CHECK_THAT(blockers[0].remedy, Equals(row.remedy));
  }
}

TEST_CASE("S17: causes that have nothing to do with each other are all said") {
  PlannedErrorsCase c;
  for (const PlannedErrorsRow& row : kRows) {
    const std::string check = row.check;
    if (check == "disk-space" || check == "drain" || check == "package-versions") row.plant(c);
  }
  std::vector<std::string> checks;
  for (const Verdict& verdict : c.verdicts(Severity::Blocker)) checks.push_back(verdict.check);
  for (const char* check : {"disk-space", "drain", "package-versions"}) {
    CHECK(std::count(checks.begin(), checks.end(), check) >= 2);
  }
}

TEST_CASE("a target that cannot be gone to brings no other notes about it") {
  PlannedErrorsCase c;
  c.upgrade.target = {1, 35, 2};
  for (const Verdict& verdict : c.verdicts(Severity::Info)) CHECK(verdict.check != "single-etcd");
}

TEST_CASE("a kubeadm that is held at a version of its own is upgraded, and said") {
  PlannedErrorsCase c;
  c.on("w1").installed["kubeadm"] = "1.33.5-1.1";
  CHECK(c.verdicts(Severity::Blocker).empty());
  const std::vector<Verdict> warnings = c.verdicts(Severity::Warning);
  REQUIRE(warnings.size() == 1);
  CHECK(warnings[0].check == "package-versions");
  CHECK(
      warnings[0].message ==
      "kubeadm 1.33.5-1.1 (on hold) of w1 (10.0.0.21) is not at its kubelet's version 1.33.13: it "
      "is upgraded all the same, and held again");
  c.on("w1").installed["kubeadm"] = "1.34.4-1.1";
  CHECK(c.verdicts(Severity::Warning).empty());
}

TEST_CASE("a budget without room now is said once, however many pods it covers") {
  PlannedErrorsCase c;
  c.facts.budgets[0].disruptions_allowed = 0;
  const std::vector<Verdict> warnings = c.verdicts(Severity::Warning);
  REQUIRE(warnings.size() == 1);
  CHECK_THAT(warnings[0].message,
             Contains("draining w1, w2 would wait now: default/web-1, default/web-2: budget"));
}

}  // namespace drover::plans
