#include "orchestrator/ui/node_view.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/node_report.h"
#include "orchestrator/ui/exec_view.h"
#include "orchestrator/ui/node_texts.h"
#include "tests/support/golden.h"
#include "tests/support/json_schema.h"
#include "tests/support/sample_facts.h"

namespace drover::orchestrator {
namespace {

/// A stream in memory.
class Memory {
 public:
  ~Memory() {
    std::fclose(file_);
    std::free(data_);
  }
  std::FILE* file() { return file_; }
  std::string text() {
    std::fflush(file_);
    return std::string(data_, size_);
  }

 private:
  char* data_ = nullptr;
  std::size_t size_ = 0;
  std::FILE* file_ = open_memstream(&data_, &size_);
};

/// A node command as its view and its report are told of it.
class Told {
 public:
  explicit Told(plans::Plan plan) : plan_(std::move(plan)) { at(0, PlanMade{plan_}); }

  template <class What>
  void at(double seconds, What what) {
    const Event event{++seq_, time(seconds), "20261122T211000Z-ab12", std::move(what)};
    view_.on(event);
    report_.on(event);
  }
  void tick(double seconds) { view_.tick(time(seconds)); }
  StepRef ref(const std::string& id) const {
    const plans::Step& step = *plan_.find(id);
    return {id, std::string(plans::kind_of(step.kind).name), step.node};
  }
  void done(double at_second, const std::string& id, StepStatus status = StepStatus::Succeeded,
            const std::string& message = "") {
    at(at_second, StepStarted{ref(id), 1});
    at(at_second, StepFinished{ref(id), 1, status, 0.1, message, {}});
  }
  EvictionSink& view() { return view_; }
  EvictionSink& pods() { return report_; }
  const NodeReport& report() const { return report_; }
  std::string text() { return out_.text() + "-- stderr\n" + err_.text(); }
  std::string json(plans::NodeAction action, int code) const {
    return node_result_json(action, plan_, report_, "20261122T211000Z-ab12", code);
  }

 private:
  static std::string time(double seconds) {
    const int ms = static_cast<int>(seconds * 1000 + 0.5);
    return fmt::format("2026-11-22T21:{:02}:{:02}.{:03}Z", 10 + ms / 60000, ms / 1000 % 60,
                       ms % 1000);
  }
  plans::Plan plan_;
  Memory out_, err_;
  NodeView view_{out_.file(), err_.file(), {}};
  NodeReport report_;
  std::uint64_t seq_ = 0;
};

struct Cluster {
  Inventory inventory = test::sample_inventory(3);
  ClusterFacts facts = test::sample_facts(3);
  UpgradePlan file;

  Cluster() {
    inventory.hosts[2].node = "worker-2.example";
    facts.nodes[2].name = "worker-2.example";
    std::swap(facts.nodes[2], facts.nodes[3]);  // sorted by name
    for (Pod& pod : facts.pods) {
      if (pod.node == "w2") pod.node = "worker-2.example";
    }
    file.reboot = Reboot::Always;
    for (const char* node : {"w1", "worker-2.example"}) {
      Pod pod = facts.pods.back();
      pod.name = std::string("kube-proxy-") + node;
      pod.ns = "kube-system";
      pod.node = node;
      pod.controller = Controller{"apps/v1", "DaemonSet", "kube-proxy"};
      pod.labels.clear();
      facts.pods.push_back(pod);
    }
  }
  Pod& add(const std::string& name, const std::string& node) {
    Pod pod = facts.pods.back();
    pod.ns = "default";
    pod.name = name;
    pod.node = node;
    pod.controller = Controller{"apps/v1", "ReplicaSet", "x"};
    facts.pods.push_back(pod);
    return facts.pods.back();
  }
  std::vector<plans::ChosenNode> nodes(const std::vector<std::string>& names) const {
    return *plans::name_nodes(inventory, names);
  }
  plans::Plan plan(plans::NodeAction action, const std::vector<std::string>& names) const {
    return plans::make_maintenance_plan({.action = action,
                                         .inventory = inventory,
                                         .file = file,
                                         .facts = facts,
                                         .nodes = nodes(names)});
  }
};

std::vector<std::string> trimmed(const std::vector<std::string>& lines) {
  std::vector<std::string> found;
  for (const std::string& line : lines) found.emplace_back(trim(line));
  return found;
}

}  // namespace

TEST_CASE("a drain as kubectl would tell it, and why it waits", "[node-view]") {
  Told told(Cluster().plan(plans::NodeAction::Drain, {"w1", "w2"}));
  told.done(0, "node/w1/cordon");
  told.done(0, "node/w2/cordon", StepStatus::Skipped);
  told.at(0, Warning{"cordoned-by-others", "node w2 was cordoned before"});
  const StepRef drain = told.ref("node/w1/drain");
  told.at(1, StepStarted{drain, 1});
  told.view().evicting("w1", "default/web-1", false);
  told.view().not_evicted("w1", "default/web-1", "Cannot evict pod");
  told.at(1, StepProgress{drain, 1, "budget default/web (minAvailable 3; 3 healthy, 3 needed)"});
  told.tick(2);
  told.tick(4);
  told.tick(30);
  told.tick(65);
  told.at(66, StepProgress{drain, 1, "1 pod to terminate: default/web-1"});
  told.view().evicting("w1", "default/web-1", false);
  told.view().gone("w1", "default/web-1", false);
  told.pods().gone("w1", "default/web-1", false);
  told.at(67, StepFinished{drain, 1, StepStatus::Succeeded, 66, "1 pod evicted from w1", {}});
  const StepRef second = told.ref("node/w2/drain");
  told.at(67, StepStarted{second, 1});
  const Error timeout{.kind = ErrorKind::Timeout,
                      .message = "not done after 60s: waiting for a budget",
                      .remedy = "allow more: drain.timeout"};
  told.at(127, StepFinished{second, 1, StepStatus::Failed, 60, "", timeout});
  told.at(127, RunFinished{RunStatus::Failed,
                           5,
                           {"node/w2/drain"},
                           "worker-2 was left cordoned as it is. `drover resume` goes on."});
  test::check_golden("ui/node_drain.txt", told.text());
  test::check_golden("ui/node_drain.jsonl", told.json(plans::NodeAction::Drain, 5));
  CHECK(!told.report().only_refused());
}

TEST_CASE("a rolling reboot, node by node", "[node-view]") {
  Told told(Cluster().plan(plans::NodeAction::Reboot, {"w2"}));
  for (const char* kind : {"cordon", "drain", "reboot", "node-healthy", "uncordon", "settled"}) {
    told.done(1, std::string("node/w2/") + kind);
  }
  told.at(2, RunFinished{RunStatus::Succeeded, 0, {}, ""});
  test::check_golden("ui/node_reboot.txt", told.text());
  CHECK(told.report().results()[0].status == "rebooted");
  CHECK(told.report().results()[0].node == "worker-2.example");
}

TEST_CASE("what a run that stopped left of its nodes", "[node-view]") {
  Told told(Cluster().plan(plans::NodeAction::Drain, {"w1", "w2", "w3"}));
  told.done(0, "node/w1/cordon");
  told.at(1, StepStarted{told.ref("node/w2/cordon"), 1});
  told.at(1, StepFinished{told.ref("node/w2/cordon"), 1, StepStatus::Cancelled, 0, "", {}});
  const auto results = told.report().results();
  REQUIRE(results.size() == 3);
  CHECK(results[0].status == "unfinished");
  CHECK(results[1].status == "unfinished");
  CHECK(results[2].status == "not-begun");
  told.at(2, StepStarted{told.ref("node/w1/drain"), 1});
  told.at(2, StepFinished{told.ref("node/w1/drain"), 1, StepStatus::Failed, 0, "",
                          Error{.kind = ErrorKind::Refused, .message = "lone pod"}});
  CHECK(told.report().only_refused());
}

TEST_CASE("the simulator says what is evicted, stays, waits and blocks, in order", "[node-view]") {
  Cluster cluster;
  cluster.facts.budgets[0].disruptions_allowed = 0;
  cluster.file.drain.delete_emptydir_data = true;
  cluster.add("cache", "w1").has_emptydir = true;
  cluster.add("going", "w1").deleting = true;
  const auto preview = [&](const plans::Plan& plan, const std::vector<std::string>& names) {
    return NodePreview{
        plans::NodeAction::Drain, plan, true,
        plans::preview_drains(plan, cluster.nodes(names), cluster.facts, cluster.file.drain)};
  };
  const plans::Plan good = cluster.plan(plans::NodeAction::Drain, {"w2", "w1"});
  const NodePreview shown = preview(good, {"w2", "w1"});
  test::check_golden("ui/node_dry_run.txt", node_preview_text(shown, {}));
  test::check_golden("ui/node_dry_run.jsonl", node_preview_json(shown, 0));

  Pod& lone = cluster.add("lone\x1b[2J", "w1");
  lone.controller.reset();
  lone.has_emptydir = lone.deleting = false;
  const plans::Plan blocked = cluster.plan(plans::NodeAction::Drain, {"w1"});
  const std::string text = node_preview_text(preview(blocked, {"w1"}), {});
  test::check_golden("ui/node_dry_run_blocked.txt", text);
  CHECK(text.find('\x1b') == std::string::npos);
}

TEST_CASE("what a command prints is told line by line, and cannot act on a terminal",
          "[exec-view]") {
  Memory out, err;
  ExecView view(out.file(), err.file(), {"w1", "worker-2"});
  using remote::Stream;
  view.output("w1", Stream::Out, "one\ntw");
  view.output("worker-2", Stream::Out, "eins\n\n");
  view.output("w1", Stream::Out, "o\n\x1b[2Jred\ta\nrest");
  view.output("worker-2", Stream::Err, "oops");
  view.ended({.host = "w1", .result = {.exit_code = 0}});
  view.ended({.host = "worker-2", .result = {.exit_code = 3}});
  view.ended(
      {.host = "worker-2",
       .error = Error{
           .kind = ErrorKind::Unreachable, .message = "no route", .remedy = "see the cable"}});
  CHECK(out.text() ==
        "w1       | one\nworker-2 | eins\nworker-2 | \nw1       | two\n"
        "w1       | \\x1b[2Jred\ta\nw1       | rest\n");
  CHECK(err.text() ==
        "worker-2 | oops\nworker-2: exit code 3\nworker-2: no route\n  -> see the cable\n");
}

TEST_CASE("a command on one node prints as it is", "[exec-view]") {
  Memory out, err;
  ExecView view(out.file(), err.file(), {"w1"});
  view.output("w1", remote::Stream::Out, "plain\n");
  CHECK(out.text() == "plain\n");
  const auto json = nlohmann::json::parse(exec_json(
      "prod", {"echo", "\xff"}, {{.host = "w1", .result = {.exit_code = 0, .out = "a\n"}}},
      "/state/prod/exec/1", 0));
  CHECK(json["kind"] == "NodeExec");
  CHECK(json["nodes"][0]["exit_code"] == 0);
  CHECK(json["nodes"][0]["out"] == "a\n");
  CHECK(json["nodes"][0]["error"].is_null());
}

TEST_CASE("the lines of JSON are what the schema in examples/ says", "[node-view]") {
  Cluster cluster;
  const plans::Plan plan = cluster.plan(plans::NodeAction::Reboot, {"w1"});
  Told told(plan);
  told.done(0, "node/w1/cordon");
  told.at(1,
          RunFinished{RunStatus::Interrupted, 130, {"node/w1/drain"}, "`drover resume` goes on."});
  const NodePreview preview{
      plans::NodeAction::Reboot, plan, true,
      plans::preview_drains(plan, cluster.nodes({"w1"}), cluster.facts, cluster.file.drain)};
  const std::vector<std::string> lines = {
      told.json(plans::NodeAction::Reboot, 130), node_preview_json(preview, 0),
      exec_json("prod", {"true"},
                {{.host = "w1", .result = {.exit_code = 3, .out = "\x1b[2J"}},
                 {.host = "w2", .error = Error{.message = "no route"}}},
                "/state/prod/exec/1", 8)};
  for (const std::string& verdict : test::validate_json("node.schema.json", trimmed(lines))) {
    CHECK(verdict == "");
  }
  const std::vector<std::string> wrong = {
      R"({"v":1,"kind":"Node","cluster":"prod","exit_code":0,"nodes":[]})",
      R"({"v":1,"kind":"NodeExec","cluster":"prod","exit_code":0,"nodes":[{}],"command":[],"folder":""})",
      R"({"v":2,"kind":"NodeExec","cluster":"prod","exit_code":0,"nodes":[],"command":[],"folder":""})"};
  for (const std::string& verdict : test::validate_json("node.schema.json", wrong)) {
    CHECK(verdict != "");
  }
}

}  // namespace drover::orchestrator
