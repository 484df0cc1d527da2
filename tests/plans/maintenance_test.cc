#include "plans/maintenance.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "plans/maintenance_checks.h"
#include "plans/plan_file.h"
#include "plans/plan_state.h"
#include "plans/steps/catalogue.h"
#include "tests/support/sample_facts.h"

namespace drover::plans {
namespace {

using Ids = std::vector<std::string>;

/// cp1 and three workers, each with a pod of default/web.
struct Cluster {
  Inventory inventory = test::sample_inventory(3);
  ClusterFacts facts = test::sample_facts(3);
  UpgradePlan file;
  std::vector<EarlierRun> runs;
  bool others = false;

  Node& node(const std::string& name) {
    return *std::find_if(facts.nodes.begin(), facts.nodes.end(),
                         [&](const Node& one) { return one.name == name; });
  }
  void cordon(const std::string& name, const std::string& run = "",
              const std::string& purpose = "") {
    node(name).unschedulable = true;
    if (run.empty()) return;
    const std::string more = purpose.empty() ? "" : R"(,"for":")" + purpose + "\"";
    node(name).annotations["drover.local/cordon"] = R"({"run":")" + run + "\"" + more + "}";
  }
  ChosenNode chosen(const std::string& name, bool named = true) const {
    return {inventory.find(name), named};
  }
  Plan plan(NodeAction action, const Ids& names, bool named = true) {
    file.reboot = Reboot::Always;
    std::vector<ChosenNode> nodes;
    for (const std::string& name : names) nodes.push_back(chosen(name, named));
    return make_maintenance_plan({.action = action,
                                  .inventory = inventory,
                                  .file = file,
                                  .facts = facts,
                                  .nodes = nodes,
                                  .others = others,
                                  .runs = runs});
  }
};

Ids ids(const Plan& plan) {
  Ids found;
  for (const Step& step : plan.steps) found.push_back(step.id);
  return found;
}

/// "blocker drain", ...
Ids verdicts(const Plan& plan) {
  Ids found;
  for (const Verdict& verdict : plan.verdicts) {
    found.push_back(std::string(severity_name(verdict.severity)) + " " + verdict.check);
  }
  return found;
}

/// Runs `plan` step by step, all that may start at once; the most drains that ran at a time.
int most_drains(const Plan& plan, Ids& order) {
  PlanState state(plan);
  Ids running;
  int most = 0;
  for (;;) {
    while (const Step* step = state.next({})) {
      state.start(step->id);
      running.push_back(step->id);
      order.push_back(step->id);
    }
    most = std::max(most, static_cast<int>(std::count_if(
                              running.begin(), running.end(),
                              [](const std::string& id) { return id.ends_with("/drain"); })));
    if (running.empty()) return most;
    state.end(running.front(), PlanState::Outcome::Succeeded);
    running.erase(running.begin());
  }
}

}  // namespace

TEST_CASE("cordon is one step a node, and its mark says what it is for", "[maintenance]") {
  Cluster cluster;
  const Plan plan = cluster.plan(NodeAction::Cordon, {"w2", "w1"});
  CHECK(ids(plan) == Ids{"node/w2/cordon", "node/w1/cordon"});
  CHECK(plan.work == "node cordon w2, w1");
  CHECK(plan.target.empty());
  CHECK(plan.rollout.budget == 2);
  CHECK(plan.steps[0].requests[0].body.find(R"(\"was\":false,\"for\":\"node cordon\"})") !=
        std::string::npos);
  CHECK(verdicts(plan).empty());
}

TEST_CASE("drain cordons all nodes before it empties the first", "[maintenance]") {
  Cluster cluster;
  const Plan plan = cluster.plan(NodeAction::Drain, {"w1", "w2"});
  CHECK(ids(plan) == Ids{"node/w1/cordon", "node/w2/cordon", "node/w1/drain", "node/w2/drain"});
  CHECK(plan.find("node/w2/drain")->needs == Ids{"node/w1/cordon", "node/w2/cordon"});
  CHECK(plan.drains.size() == 2);
  CHECK(plan.drains[0].evicts == Ids{"default/web-1"});
}

TEST_CASE("as many nodes are emptied at once as were allowed", "[maintenance]") {
  const int allowed = GENERATE(1, 2, 3);
  Cluster cluster;
  cluster.file.rollout.max_unavailable = {allowed, false};
  const Plan plan = cluster.plan(NodeAction::Drain, {"w1", "w2", "w3"});
  Ids order;
  CHECK(most_drains(plan, order) == allowed);
  CHECK(order.size() == 6);
  CHECK(order[2] == "node/w3/cordon");
}

TEST_CASE("S1: a drain that failed leaves the other nodes' going on", "[maintenance]") {
  Cluster cluster;
  const Plan plan = cluster.plan(NodeAction::Drain, {"w1", "w2"});
  PlanState state(plan);
  for (const char* id : {"node/w1/cordon", "node/w2/cordon", "node/w1/drain"}) {
    state.start(id);
    state.end(id, std::string(id).ends_with("cordon") ? PlanState::Outcome::Succeeded
                                                      : PlanState::Outcome::Failed);
  }
  const Step* next = state.next({});
  REQUIRE(next != nullptr);
  CHECK(next->id == "node/w2/drain");
}

TEST_CASE("reboot is a chain a worker, and the budget lets as many open as it says",
          "[maintenance]") {
  Cluster cluster;
  cluster.file.rollout.max_unavailable = {67, true};
  const Plan plan = cluster.plan(NodeAction::Reboot, {"w1", "w2"});
  CHECK(ids(plan) == Ids{"node/w1/cordon", "node/w1/drain", "node/w1/reboot",
                         "node/w1/node-healthy", "node/w1/uncordon", "node/w1/settled",
                         "node/w2/cordon", "node/w2/drain", "node/w2/reboot",
                         "node/w2/node-healthy", "node/w2/uncordon", "node/w2/settled"});
  CHECK(plan.find("node/w2/cordon")->needs.empty());
  CHECK(plan.find("node/w1/reboot")->needs == Ids{"node/w1/drain"});
  CHECK(plan.find("node/w1/reboot")->param("reboot") == "always");
  CHECK(plan.find("node/w1/node-healthy")->param("target") == "v1.33.13");
  CHECK(plan.rollout.budget == 2);
  for (const Step& step : plan.steps) {
    INFO(step.id);
    CHECK(!step.why.empty());
    CHECK(step.why.find("version") == std::string::npos);
    CHECK(step.why.find("upgrade") == std::string::npos);
    CHECK(step.title.find("v1.") == std::string::npos);
  }
}

TEST_CASE("control planes are rebooted first, behind their static pods", "[maintenance]") {
  Cluster cluster;
  const Plan plan = cluster.plan(NodeAction::Reboot, {"w1", "cp1"});
  CHECK(plan.steps.front().id == "node/cp1/cordon");
  CHECK(plan.find("node/cp1/static-pods-healthy")->param("target").empty());
  CHECK(plan.find("node/w1/cordon")->needs == Ids{"node/cp1/settled"});
  CHECK(verdicts(plan) == Ids{"info single-etcd"});
}

TEST_CASE("a lone control plane keeps its pods, which is told", "[maintenance]") {
  Cluster cluster;
  cluster.facts.nodes.resize(1);
  const Plan plan = cluster.plan(NodeAction::Reboot, {"cp1"});
  CHECK(plan.find("node/cp1/drain") == nullptr);
  CHECK(plan.find("node/cp1/reboot") != nullptr);
  CHECK(plan.drains.empty());
  REQUIRE(plan.verdicts.size() == 1);
  CHECK(plan.verdicts[0].message.find("its pods stay") != std::string::npos);
}

TEST_CASE("control planes are not rebooted because a selector takes them", "[maintenance]") {
  Cluster cluster;
  const Plan selected = cluster.plan(NodeAction::Reboot, {"cp1", "w1"}, /*named=*/false);
  CHECK(selected.blocked());
  CHECK(selected.steps.empty());
  CHECK(selected.verdicts[0].check == "control-planes");
  CHECK(selected.verdicts[0].remedy.find("!node-role.kubernetes.io/control-plane") !=
        std::string::npos);
  CHECK(!cluster.plan(NodeAction::Drain, {"cp1"}, false).blocked());
  cluster.node("w3").labels["node-role.kubernetes.io/control-plane"] = "";
  const Plan one_of_two = cluster.plan(NodeAction::Reboot, {"cp1"});
  CHECK(one_of_two.blocked());
  CHECK(one_of_two.verdicts[0].message.find("not supported yet") != std::string::npos);
}

TEST_CASE("S6: workers that are down count for the budget of a rolling reboot", "[maintenance]") {
  Cluster cluster;
  cluster.node("w3").ready = false;
  CHECK(verdicts(cluster.plan(NodeAction::Reboot, {"w1", "w2"})) == Ids{"blocker budget-used"});
  CHECK(verdicts(cluster.plan(NodeAction::Reboot, {"w3"})) == Ids{"warning node-ready"});
  cluster.file.rollout.max_unavailable = {2, false};
  const Plan plan = cluster.plan(NodeAction::Reboot, {"w1", "w2"});
  CHECK(!plan.blocked());
  CHECK(plan.rollout.budget == 2);
  PlanState state(plan);
  state.see_down({"w3"});
  REQUIRE(state.next({}) != nullptr);
  state.start("node/w1/cordon");
  CHECK(state.next({}) == nullptr);  // w3 holds the other place
}

TEST_CASE("S11: what a drain may not do is said before anything is changed, as options",
          "[maintenance]") {
  Cluster cluster;
  cluster.file.drain = {.ignore_daemonsets = false, .delete_emptydir_data = false};
  Pod lone = cluster.facts.pods.back();
  lone.name = "lone";
  lone.controller.reset();
  lone.labels.clear();
  cluster.facts.pods.push_back(lone);
  const Plan plan = cluster.plan(NodeAction::Drain, {"w3"});
  CHECK(verdicts(plan) == Ids{"blocker drain"});
  CHECK(plan.steps.empty());
  CHECK(plan.verdicts[0].message.find("--force overrides") != std::string::npos);
  CHECK(plan.verdicts[0].message.find("drain.force") == std::string::npos);
  CHECK(plan.verdicts[0].remedy == "move or delete what is named, or give the option");
}

TEST_CASE("a reboot into another kubelet is told", "[maintenance]") {
  Cluster cluster;
  cluster.facts.hosts["w1"].kubelet_binary_version = "v1.34.4";
  const Plan plan = cluster.plan(NodeAction::Reboot, {"w1"});
  CHECK(verdicts(plan) == Ids{"warning package-versions"});
  CHECK(plan.find("node/w1/node-healthy")->param("target") == "v1.34.4");
}

TEST_CASE("a node that the cluster does not have blocks, and an unfinished upgrade is told",
          "[maintenance]") {
  Cluster cluster;
  cluster.inventory.hosts[1].node = "elsewhere";
  cluster.runs = {{"run-1", true, true}, {"run-2", true, false}, {"run-3", false, true}};
  CHECK(verdicts(cluster.plan(NodeAction::Cordon, {"w1"})) ==
        Ids{"blocker not-in-cluster", "warning unfinished-run"});
}

TEST_CASE("S10: whose cordon an uncordon takes away", "[maintenance]") {
  struct Row {
    std::string name, run, purpose;  ///< of the mark
    bool cordoned, named, others;
    bool leaves;
    std::string cordon_of;
    std::string verdict;
  };
  const std::string any(kAnyCordon);
  const std::vector<Row> rows = {
      {"not cordoned", "", "", false, true, false, false, "", ""},
      {"by kubectl, named", "", "", true, true, false, false, any, ""},
      {"by kubectl, selected", "", "", true, false, false, true, "", "warning cordoned-by-others"},
      {"by kubectl, selected, --others", "", "", true, false, true, false, any, ""},
      {"by a node command", "gone", "node drain", true, false, false, false, "gone", ""},
      {"by a node command here", "drain-1", "node drain", true, false, false, false, "drain-1", ""},
      {"by an upgrade that ended", "done-1", "", true, false, false, false, "done-1", ""},
      {"by an unfinished upgrade, named", "up-1", "", true, true, false, true, "up-1",
       "blocker unfinished-run"},
      {"by an unfinished upgrade, selected", "up-1", "", true, false, false, true, "up-1",
       "warning unfinished-run"},
      {"by an unfinished upgrade, --others", "up-1", "", true, true, true, false, "up-1", ""},
      {"by an upgrade of elsewhere", "far-1", "", true, true, false, true, "far-1",
       "blocker cordoned-by-others"},
  };
  for (const Row& row : rows) {
    INFO(row.name);
    Cluster cluster;
    if (row.cordoned) cluster.cordon("w1", row.run, row.purpose);
    cluster.runs = {{"up-1", true, true}, {"done-1", true, false}, {"drain-1", false, true}};
    cluster.others = row.others;
    const MaintenanceInput input{.action = NodeAction::Uncordon,
                                 .inventory = cluster.inventory,
                                 .file = cluster.file,
                                 .facts = cluster.facts,
                                 .nodes = {cluster.chosen("w1", row.named)},
                                 .others = row.others,
                                 .runs = cluster.runs};
    const UncordonChoice choice = uncordon_choice(input, input.nodes[0]);
    CHECK(choice.leave == row.leaves);
    if (!row.leaves) CHECK(choice.cordon_of == row.cordon_of);
    const Plan plan = make_maintenance_plan(input);
    const Ids found = verdicts(plan);
    if (!row.verdict.empty()) {
      CHECK(std::count(found.begin(), found.end(), row.verdict) == 1);
    }
    CHECK(plan.steps.size() == (row.leaves ? 0u : 1u));
    if (!row.leaves) CHECK(plan.steps[0].param("cordon_of") == row.cordon_of);
  }
}

TEST_CASE("S10: node commands take over cordons of node commands, and no upgrade's",
          "[maintenance]") {
  Cluster cluster;
  cluster.runs = {{"up-1", true, true}, {"drain-1", false, true}, {"drain-0", false, false}};
  const Plan plan = cluster.plan(NodeAction::Drain, {"w1"});
  CHECK(plan.find("node/w1/cordon")->param("unfinished_runs") == "drain-1");
}

TEST_CASE("a plan of a node command is read back as it was written", "[maintenance]") {
  Cluster cluster;
  cluster.file.rollout.max_unavailable = {2, false};
  const Plan plan = cluster.plan(NodeAction::Drain, {"w1", "w2", "w3"});
  const auto read = read_plan(plan_json(plan, 2));
  INFO((read ? "" : read.error().message));
  REQUIRE(read);
  CHECK(read->work == "node drain w1, w2, w3");
  CHECK(read->rollout.budget == 3);
  CHECK(read->rollout.drains_at_once == 2);
  CHECK(read->id == plan.id);
}

TEST_CASE("keys become options", "[maintenance]") {
  CHECK(in_options("a (drain.force overrides), drain.ignore_daemonsets and drain.timeout") ==
        "a (--force overrides), --ignore-daemonsets and --timeout");
  CHECK(in_options("drain is not a key") == "drain is not a key");
}

}  // namespace drover::plans
