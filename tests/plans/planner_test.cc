#include "plans/planner.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

#include "plans/rollout/turns.h"
#include "plans/steps/kind.h"
#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

using namespace test;

struct PlannerCase {
  Inventory inventory = sample_inventory(2);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(2);

  Plan plan() const {
    return make_plan({inventory, upgrade, facts, "2026-01-01T00:00:00Z", "frame", ""});
  }
};

std::vector<std::string> step_ids(const Plan& plan) {
  std::vector<std::string> found;
  for (const Step& step : plan.steps) found.push_back(step.id);
  return found;
}

std::vector<std::string> blocking(const Plan& plan) {
  std::vector<std::string> found;
  for (const Verdict& verdict : plan.verdicts) {
    if (verdict.severity == Severity::Blocker) found.push_back(verdict.check);
  }
  return found;
}

bool has(const Plan& plan, const std::string& check, Severity severity) {
  return std::any_of(plan.verdicts.begin(), plan.verdicts.end(),
                     [&](const Verdict& v) { return v.check == check && v.severity == severity; });
}

}  // namespace

TEST_CASE("the steps of one control plane and two workers are those of the design, in its order") {
  const std::vector<std::string> expected = {"v1.34/cluster/preflight",
                                             "v1.34/cp1/stage-packages",
                                             "v1.34/cp1/stage-images",
                                             "v1.34/w1/stage-packages",
                                             "v1.34/w1/stage-images",
                                             "v1.34/w2/stage-packages",
                                             "v1.34/w2/stage-images",
                                             "v1.34/cp1/repository",
                                             "v1.34/cp1/kubeadm-package",
                                             "v1.34/cp1/kubeadm-version",
                                             "v1.34/cp1/upgrade-plan",
                                             "v1.34/cluster/etcd-snapshot",
                                             "v1.34/cp1/upgrade-apply",
                                             "v1.34/cp1/control-plane-healthy",
                                             "v1.34/cp1/cordon",
                                             "v1.34/cp1/drain",
                                             "v1.34/cp1/kubelet-package",
                                             "v1.34/cp1/kubelet-restart",
                                             "v1.34/cp1/node-healthy",
                                             "v1.34/cp1/static-pods-healthy",
                                             "v1.34/cp1/uncordon",
                                             "v1.34/cp1/settled",
                                             "v1.34/cluster/addons-healthy",
                                             "v1.34/w1/cordon",
                                             "v1.34/w1/drain",
                                             "v1.34/w1/repository",
                                             "v1.34/w1/kubeadm-package",
                                             "v1.34/w1/upgrade-node",
                                             "v1.34/w1/kubelet-package",
                                             "v1.34/w1/kubelet-restart",
                                             "v1.34/w1/node-healthy",
                                             "v1.34/w1/uncordon",
                                             "v1.34/w1/settled",
                                             "v1.34/w2/cordon",
                                             "v1.34/w2/drain",
                                             "v1.34/w2/repository",
                                             "v1.34/w2/kubeadm-package",
                                             "v1.34/w2/upgrade-node",
                                             "v1.34/w2/kubelet-package",
                                             "v1.34/w2/kubelet-restart",
                                             "v1.34/w2/node-healthy",
                                             "v1.34/w2/uncordon",
                                             "v1.34/w2/settled",
                                             "v1.34/cluster/verify"};
  const Plan plan = PlannerCase().plan();
  CHECK(blocking(plan).empty());
  CHECK(step_ids(plan) == expected);
}

TEST_CASE("os.reboot puts a reboot between the new kubelet and its restart, within the drain") {
  for (const Reboot when : {Reboot::IfRequired, Reboot::Always}) {
    PlannerCase c;
    c.upgrade.reboot = when;
    const Plan plan = c.plan();
    CHECK(blocking(plan).empty());
    CHECK(step_ids(plan).size() == step_ids(PlannerCase().plan()).size() + 3);
    for (const std::string node : {"cp1", "w1", "w2"}) {
      const std::string at = "v1.34/" + node + "/";
      REQUIRE(plan.find(at + "reboot") != nullptr);
      CHECK(plan.find(at + "reboot")->needs == std::vector{at + "kubelet-package"});
      CHECK(plan.find(at + "kubelet-restart")->needs == std::vector{at + "reboot"});
      CHECK(plan.find(at + "reboot")->mutates());
    }
  }
}

TEST_CASE(
    "S1: every need is a step that stands before the one that needs it, and step_ids are unique") {
  for (int workers : {0, 1, 2, 7}) {
    PlannerCase c;
    c.inventory = sample_inventory(workers);
    c.facts = sample_facts(workers);
    std::set<std::string> seen;
    for (const Step& step : c.plan().steps) {
      for (const std::string& need : step.needs) CHECK(seen.contains(need));
      CHECK(seen.insert(step.id).second);
      CHECK_FALSE(step.why.empty());
      CHECK_FALSE(step.title.empty());
      CHECK(step.id.ends_with("/" + std::string(kind_of(step.kind).name)));
    }
  }
}

TEST_CASE(
    "S7: no worker is cordoned before the control plane has settled and the add-ons are healthy") {
  const Plan plan = PlannerCase().plan();
  CHECK(plan.find("v1.34/w1/cordon")->needs ==
        std::vector<std::string>{"v1.34/cluster/addons-healthy"});
  CHECK(plan.find("v1.34/cluster/addons-healthy")->needs ==
        std::vector<std::string>{"v1.34/cp1/settled"});
}

TEST_CASE("S9: on every node drain stands before kubelet-package, and both gates before uncordon") {
  const Plan plan = PlannerCase().plan();
  const auto all = step_ids(plan);
  const auto at = [&](const std::string& id) { return std::find(all.begin(), all.end(), id); };
  for (const std::string node : {"cp1", "w1", "w2"}) {
    CHECK(at("v1.34/" + node + "/drain") < at("v1.34/" + node + "/kubelet-package"));
    CHECK(at("v1.34/" + node + "/node-healthy") < at("v1.34/" + node + "/uncordon"));
  }
}

TEST_CASE("nodes that are there already get no steps; a cluster that is there wholly gets none") {
  PlannerCase c;
  upgrade_control_plane_facts(c.facts);
  upgrade_node_facts(c.facts, "cp1");
  upgrade_node_facts(c.facts, "w1");
  for (const std::string& id : step_ids(c.plan())) {
    CHECK(id.find("/w1/") == std::string::npos);
    CHECK(id.find("/cp1/") == std::string::npos);
  }
  CHECK_FALSE(c.plan().steps.empty());
  upgrade_node_facts(c.facts, "w2");
  CHECK(c.plan().steps.empty());
  CHECK_FALSE(c.plan().blocked());
}

TEST_CASE("a control plane whose apply is done, but not its kubelet, is not applied again") {
  PlannerCase c;
  upgrade_control_plane_facts(c.facts);
  const Plan plan = c.plan();
  CHECK(plan.find("v1.34/cp1/upgrade-apply") == nullptr);
  CHECK(plan.find("v1.34/cp1/kubelet-restart") != nullptr);
}

TEST_CASE("without other nodes the control plane is not drained") {
  PlannerCase c;
  c.inventory = sample_inventory(0);
  c.facts = sample_facts(0);
  CHECK(c.plan().find("v1.34/cp1/drain") == nullptr);
  CHECK(c.plan().find("v1.34/cp1/cordon") != nullptr);
}

TEST_CASE("a target of a minor takes the newest patch that is offered") {
  PlannerCase c;
  c.upgrade.target.patch.reset();
  CHECK(c.plan().target == "1.34.4");
}

TEST_CASE("S17: planted blocking are all reported, each under its id") {
  struct Row {
    const char* check;
    void (*plant)(PlannerCase&);
  };
  const std::vector<Row> rows = {
      {"downgrade",
       [](PlannerCase& c) {
         c.upgrade.target = {1, 33, 1};
       }},
      {"hops",
       [](PlannerCase& c) {
         c.upgrade.target = {1, 35, 4};
       }},
      {"not-offered", [](PlannerCase& c) { c.upgrade.target.patch = 9; }},
      {"not-offered", [](PlannerCase& c) { c.facts.hosts["w1"].offered.clear(); }},
      {"not-offered", [](PlannerCase& c) { c.facts.hosts["w1"].offered_error = "E: no"; }},
      {"package-manager", [](PlannerCase& c) { c.facts.hosts["w2"].package_manager = "dnf"; }},
      {"package-manager", [](PlannerCase& c) { c.facts.hosts["w2"].package_manager = ""; }},
      {"repository", [](PlannerCase& c) { c.facts.hosts["w1"].repository.clear(); }},
      {"not-in-inventory", [](PlannerCase& c) { c.inventory.hosts.pop_back(); }},
      {"wrong-machine", [](PlannerCase& c) { c.facts.hosts["w1"].boot_id = "boot-w2"; }},
      {"not-in-cluster", [](PlannerCase& c) { c.inventory.hosts[1].node = "other"; }},
      {"control-planes",
       [](PlannerCase& c) {
         c.facts.nodes[1].labels["node-role.kubernetes.io/control-plane"] = "";
       }},
      {"control-planes", [](PlannerCase& c) { c.facts.kubeadm.kubernetes_version = "garbage"; }},
      {"external-etcd", [](PlannerCase& c) { c.facts.kubeadm.external_etcd = true; }},
      {"node-ready", [](PlannerCase& c) { c.facts.nodes[0].ready = false; }},
      {"budget-used", [](PlannerCase& c) { c.facts.nodes[2].ready = false; }},
      {"control-plane-pods", [](PlannerCase& c) { c.facts.pods[0].ready = false; }},
      {"skew", [](PlannerCase& c) { c.facts.nodes[2].kubelet_version = "v1.30.1"; }},
      {"skew", [](PlannerCase& c) { c.facts.nodes[2].kubelet_version = "v1.35.0"; }},
      {"drain", [](PlannerCase& c) { c.facts.budgets[0].min_available = "4"; }},
      {"disk-space", [](PlannerCase& c) { c.facts.hosts["w1"].free["/var"] = 1000; }},
  };
  for (const Row& row : rows) {
    PlannerCase c;
    row.plant(c);
    INFO(row.check);
    const Plan plan = c.plan();
    CHECK(plan.blocked());
    CHECK(has(plan, row.check, Severity::Blocker));
    for (const Verdict& verdict : plan.verdicts) {
      CHECK_FALSE(verdict.message.empty());
      if (verdict.severity == Severity::Blocker) CHECK_FALSE(verdict.remedy.empty());
    }
  }
}

TEST_CASE("S17: several blocking come together, blocking before warnings") {
  PlannerCase c;
  c.facts.nodes[2].ready = false;
  c.facts.nodes[1].unschedulable = true;
  c.facts.hosts["w1"].free["/var"] = 1;
  const Plan plan = c.plan();
  CHECK(has(plan, "budget-used", Severity::Blocker));
  CHECK(has(plan, "disk-space", Severity::Blocker));
  CHECK(has(plan, "cordoned-by-others", Severity::Warning));
  CHECK(std::is_sorted(plan.verdicts.begin(), plan.verdicts.end(),
                       [](const Verdict& a, const Verdict& b) { return a.severity < b.severity; }));
}

TEST_CASE("preflight.ignore turns only those blocking into warnings that may be overridden") {
  PlannerCase c;
  c.inventory.hosts.pop_back();
  c.upgrade.ignored_checks = {"not-in-inventory", "downgrade"};
  CHECK_FALSE(c.plan().blocked());
  CHECK(has(c.plan(), "not-in-inventory", Severity::Warning));
  c.upgrade.target = {1, 33, 1};
  CHECK(blocking(c.plan()) == std::vector<std::string>{"downgrade"});
}

TEST_CASE("S6: a node down beforehand is no blocker when it is the only worker left to do") {
  PlannerCase c;
  c.inventory = sample_inventory(1);
  c.facts = sample_facts(1);
  c.facts.nodes[1].ready = false;
  CHECK_FALSE(has(c.plan(), "budget-used", Severity::Blocker));
}

TEST_CASE("S11: a budget that allows nothing at this moment is a warning, not a blocker") {
  PlannerCase c;
  c.facts.budgets[0].disruptions_allowed = 0;
  CHECK_FALSE(c.plan().blocked());
  CHECK(has(c.plan(), "drain", Severity::Warning));
}

TEST_CASE("S14: a foreign lock is a warning in the plan, our own none") {
  PlannerCase c;
  c.facts.lock = Lease{.holder = "somebody else"};
  CHECK(has(c.plan(), "locked", Severity::Warning));
  const Plan ours = make_plan({c.inventory, c.upgrade, c.facts, "", "", "somebody else"});
  CHECK_FALSE(has(ours, "locked", Severity::Warning));
}

TEST_CASE(
    "S10: a cordon left by an unfinished run of ours is taken over, another's is left alone") {
  PlannerCase c;
  c.facts.nodes[1].unschedulable = true;
  c.facts.nodes[1].annotations["drover.local/cordon"] = R"({"run":"run-0","was":false})";
  CHECK(has(c.plan(), "cordoned-by-others", Severity::Warning));
  const Plan taken = make_plan({c.inventory, c.upgrade, c.facts, "", "", "", {"run-1", "run-0"}});
  CHECK_FALSE(has(taken, "cordoned-by-others", Severity::Warning));
  CHECK(has(taken, "cordoned-by-others", Severity::Info));
  CHECK(taken.find("v1.34/w1/cordon")->param("unfinished_runs") == "run-1 run-0");
}

TEST_CASE(
    "S6: groups and domains whose budgets are used up block, and only while others are well") {
  PlannerCase c;
  c.inventory = sample_inventory(4);
  c.facts = sample_facts(4);
  c.upgrade.rollout.max_unavailable = {3, false};
  c.facts.nodes[1].ready = false;  // w1
  CHECK(blocking(c.plan()).empty());
  c.inventory.groups = {{"db", {"w1", "w2"}, Share{1, false}}};
  CHECK(blocking(c.plan()) == std::vector<std::string>{"budget-used"});
  c.inventory.groups[0].hosts = {"w1", "cp1"};
  CHECK(blocking(c.plan()).empty());  // it may be started itself
  c.upgrade.rollout.per_domain = 1;
  for (Host& host : c.inventory.hosts) host.domain = host.name == "w4" ? "b" : "a";
  CHECK(blocking(c.plan()) == std::vector<std::string>{"budget-used"});
  c.inventory.hosts[1].domain = "c";
  CHECK(blocking(c.plan()).empty());
}

TEST_CASE("S6: who is down and has nothing to be done counts, and blocks nobody by itself") {
  PlannerCase c;
  c.inventory = sample_inventory(3);
  c.facts = sample_facts(3);
  upgrade_control_plane_facts(c.facts);
  for (const char* name : {"cp1", "w1", "w2", "w3"}) upgrade_node_facts(c.facts, name);
  c.facts.nodes[1].ready = false;
  CHECK(blocking(c.plan()).empty());
  c.facts.nodes[3].kubelet_version = "v1.33.13";
  CHECK(blocking(c.plan()) == std::vector<std::string>{"budget-used"});
  c.upgrade.rollout.max_unavailable = {2, false};
  CHECK(blocking(c.plan()).empty());
}

TEST_CASE("a maintenance window that is never open long enough for a node blocks") {
  PlannerCase c;
  c.upgrade.rollout.window = MaintenanceWindow{
      .days = {true}, .start = std::chrono::hours(1), .end = std::chrono::hours(5)};
  CHECK(blocking(c.plan()).empty());
  c.upgrade.rollout.window->end = std::chrono::minutes(61);
  c.upgrade.health.settle = std::chrono::seconds(60);
  CHECK(blocking(c.plan()) == std::vector<std::string>(3, "window"));
}

TEST_CASE("the plan expects what earlier runs of the cluster took, and takes the longest first") {
  PlannerCase c;
  PastDurations past;
  past.add("drain", "w1", std::chrono::seconds(22));
  past.add("drain", "w2", std::chrono::seconds(333));
  past.add("upgrade-node", "elsewhere", std::chrono::seconds(44));
  const Plan plan =
      make_plan({.inventory = c.inventory, .file = c.upgrade, .facts = c.facts, .past = past});
  CHECK(plan.find("v1.34/w2/drain")->estimate == std::chrono::seconds(333));
  CHECK(plan.find("v1.34/w1/upgrade-node")->estimate == std::chrono::seconds(44));
  CHECK(worker_order(plan) == std::vector<std::string>{"w2", "w1"});
  CHECK(worker_order(c.plan()) == std::vector<std::string>{"w1", "w2"});
  c.upgrade.rollout.order = WorkerOrder::Inventory;
  CHECK(worker_order(make_plan(
            {.inventory = c.inventory, .file = c.upgrade, .facts = c.facts, .past = past})) ==
        std::vector<std::string>{"w1", "w2"});
  CHECK(plan.id ==
        make_plan({.inventory = c.inventory, .file = sample_upgrade(), .facts = c.facts}).id);
}

TEST_CASE(
    "the id is the same for the same cluster and files, whatever the time, and another otherwise") {
  PlannerCase c;
  const Plan one = c.plan();
  const Plan later =
      make_plan({c.inventory, c.upgrade, c.facts, "2027-01-01T00:00:00Z", "frame", ""});
  CHECK(one.id == later.id);
  CHECK(one.id.starts_with("sha256:"));
  c.facts.hosts["w1"].held.clear();
  CHECK(c.plan().id != one.id);
}

TEST_CASE("differences between fingerprints name path, then and now") {
  PlannerCase c;
  const Plan then = c.plan();
  c.facts.nodes[1].kubelet_version = "v1.34.4";
  c.facts.budgets.clear();
  const auto differences = fingerprint_differences(then.fingerprint, c.plan().fingerprint);
  CHECK(differences == std::vector<std::string>{"budgets/default/web: minAvailable 3 → (nothing)",
                                                "nodes/w1/kubelet: v1.33.13 → v1.34.4"});
}

}  // namespace drover::plans
