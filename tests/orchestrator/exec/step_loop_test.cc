#include "orchestrator/exec/step_loop.h"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "plans/steps/catalogue.h"
#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"
#include "tests/support/gate_answers.h"
#include "tests/support/sample_facts.h"

namespace drover::orchestrator {
namespace {

using namespace test;
using nlohmann::json;

/// One attempt at one real step over fake ports. A thread plays the coordinator: it permits every
/// effect, or answers as `permit` says, and notes the order of what it was told.
struct Bench {
  StepResult run(const plans::Step& step, plans::Attempt attempt = {}, int number = 1,
                 std::vector<OpenCommand> open = {}, bool again = false) {
    attempt.run = "run-1";
    StepPorts ports{&node, &node, &api, &api, &clock, programs, web, another_writer};
    if (dry) ports.node_writer = nullptr, ports.api_writer = nullptr;
    std::jthread coordinator([this] { coordinate(); });
    StepLoop loop(step, {number, std::move(attempt), open, again}, ports, mailbox, {},
                  stop.get_token());
    StepResult result = loop.run();
    mailbox.post(Interrupt{});  // tells the coordinator to go home
    return result;
  }

  void coordinate() {
    while (true) {
      std::optional<Message> taken = mailbox.take(std::chrono::seconds(60));
      if (!taken || std::holds_alternative<Interrupt>(*taken)) return;
      Message& message = *taken;
      if (auto* ask = std::get_if<AskPermit>(&message)) {
        told.push_back("intent " + ask->fields["effect"]);
        intents.push_back(ask->fields);
        ask->answer.set_value(permit);
      } else if (auto* ended = std::get_if<EffectEnded>(&message)) {
        told.push_back("outcome " + ended->fields["effect"]);
      } else if (auto* waiting = std::get_if<Waiting>(&message)) {
        told.push_back("waiting");
        last_wait = waiting->what;
      }
    }
  }

  Inventory inventory = sample_inventory(2);
  UpgradePlan upgrade = sample_upgrade();
  ClusterFacts facts = sample_facts(2);
  plans::Scope scope{inventory, upgrade, facts, {1, 33, 13}, {1, 34, 4}, inventory.hosts[0]};

  FakeNode node;
  FakeApi api;
  std::function<std::unique_ptr<remote::ApiWriter>()> another_writer;
  FakeClock clock;
  remote::ProgramReader* programs = nullptr;
  remote::WebReader* web = nullptr;
  Mailbox mailbox;
  std::stop_source stop;
  Status permit;
  bool dry = false;
  std::vector<std::string> told;
  std::vector<std::map<std::string, std::string>> intents;
  std::string last_wait;
};

/// A node object of the API that remembers what was patched.
struct ApiNode {
  json object = {{"metadata", {{"name", "w1"}, {"uid", "u"}, {"resourceVersion", "5"}}},
                 {"spec", json::object()},
                 {"status", {{"conditions", {{{"type", "Ready"}, {"status", "True"}}}}}}};

  void serve(FakeApi& api) {
    api.on_get = [this](const ApiRequest& request) {
      const bool node = request.path.starts_with("/api/v1/nodes/");
      return node ? ApiResponse{200, object.dump(), {}} : none_at(request.path);
    };
    api.on_send = [this](const ApiRequest& request) {
      object.merge_patch(json::parse(request.body));
      return ApiResponse{200, object.dump(), {}};
    };
  }
};

}  // namespace

TEST_CASE(
    "S3, S4: cordon asks, is permitted, sends one instance of its template, and looks again") {
  Bench bench;
  ApiNode w1;
  w1.serve(bench.api);
  const plans::Step step = plans::make_cordon(bench.scope, bench.inventory.hosts[1]);
  const StepResult result = bench.run(step);
  CHECK(result.status == StepStatus::Succeeded);
  REQUIRE(bench.api.sent.size() == 1);
  const json body = json::parse(bench.api.sent[0].body);
  CHECK(body["metadata"]["resourceVersion"] == "5");
  CHECK(json::parse(
            body["metadata"]["annotations"]["drover.local/cordon"].get<std::string>())["run"] ==
        "run-1");
  REQUIRE(bench.told.size() >= 2);
  CHECK(bench.told[0] == "intent 1");
  CHECK(bench.told[1] == "outcome 1");
  CHECK(bench.intents[0].at("before.unschedulable") == "false");  // S10
}

namespace {

/// Pods of w1 that are gone once their eviction came, behind as many connections as are asked for.
struct Crowd {
  explicit Crowd(int pods) {
    for (int i = 0; i < pods; ++i) left.insert(std::to_string(i));
  }

  ApiResponse get(const ApiRequest& request) {
    const std::lock_guard lock(mutex);
    const bool asks_pods = request.path.starts_with("/api/v1/pods");
    json items = json::array();
    for (const std::string& pod : left) {
      if (!asks_pods) break;
      items.push_back(
          {{"metadata",
            {{"name", "p" + pod},
             {"namespace", "default"},
             {"uid", pod},
             {"ownerReferences", {{{"kind", "Job"}, {"name", "j"}, {"controller", true}}}}}},
           {"spec", {{"nodeName", "w1"}}},
           {"status", {{"phase", "Running"}}}});
    }
    const json list = {{"kind", asks_pods ? "PodList" : "DaemonSetList"}, {"items", items}};
    return {200, list.dump(), {}};
  }

  /// Each waits until `together` are under way, so that one after the other they would not end.
  ApiResponse evict(const ApiRequest& request) {
    std::unique_lock lock(mutex);
    most = std::max(most, ++under_way);
    arrived.notify_all();
    met = arrived.wait_for(lock, std::chrono::seconds(30), [&] { return most >= together; }) && met;
    const std::string uid = json::parse(request.body)["deleteOptions"]["preconditions"]["uid"];
    evicted.push_back(uid);
    left.erase(uid);
    --under_way;
    return {201, "{}", {}};
  }

  struct Writer final : remote::ApiWriter {
    explicit Writer(Crowd& c) : crowd(c) {}
    Result<ApiResponse> send(const ApiRequest& request, std::stop_token) override {
      return crowd.evict(request);
    }
    Crowd& crowd;
  };

  std::mutex mutex;
  std::condition_variable arrived;
  int together = 8;
  int under_way = 0;
  int most = 0;
  bool met = true;
  std::set<std::string> left;
  std::vector<std::string> evicted;
};

}  // namespace

TEST_CASE("S4: requests of one step are under way eight at once, each once and after its intent") {
  Bench bench;
  Crowd crowd(50);
  bench.api.on_get = [&](const ApiRequest& request) { return crowd.get(request); };
  bench.api.on_send = [&](const ApiRequest& request) { return crowd.evict(request); };
  bench.another_writer = [&] { return std::make_unique<Crowd::Writer>(crowd); };
  const StepResult result = bench.run(plans::make_drain(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Succeeded);
  CHECK(result.message == "50 pods evicted from w1");
  CHECK(crowd.met);
  CHECK(crowd.most == 8);
  CHECK(crowd.evicted.size() == 50);
  CHECK(std::set<std::string>(crowd.evicted.begin(), crowd.evicted.end()).size() == 50);
  std::set<std::string> intended;
  for (const std::string& line : bench.told) {
    if (line.starts_with("intent ")) intended.insert(line.substr(7));
    if (line.starts_with("outcome ")) CHECK(intended.contains(line.substr(8)));
  }
  CHECK(intended.size() == 50);
}

TEST_CASE("S4: without a permit for one of many requests the others end and nothing more is sent") {
  Bench bench;
  Crowd crowd(50);
  crowd.together = 1;
  bench.permit = Error{.kind = ErrorKind::Cancelled, .message = "stopped"};
  bench.api.on_get = [&](const ApiRequest& request) { return crowd.get(request); };
  bench.another_writer = [&] { return std::make_unique<Crowd::Writer>(crowd); };
  const StepResult result = bench.run(plans::make_drain(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Cancelled);
  CHECK(crowd.evicted.empty());
}

TEST_CASE("S10: a node that is cordoned already is not touched, and the step says skipped") {
  Bench bench;
  ApiNode w1;
  w1.object["spec"]["unschedulable"] = true;
  w1.serve(bench.api);
  const StepResult result = bench.run(plans::make_cordon(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Skipped);
  CHECK(result.notes.at("ours") == "no");
  CHECK(bench.api.sent.empty());
}

TEST_CASE("S10: a cordon that an unfinished run of ours left is taken over by this run") {
  Bench bench;
  ApiNode w1;
  w1.object["spec"]["unschedulable"] = true;
  w1.object["metadata"]["annotations"]["drover.local/cordon"] = R"({"run":"run-0","was":false})";
  w1.serve(bench.api);
  bench.scope.unfinished_runs = {"run-0"};
  const StepResult result = bench.run(plans::make_cordon(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Succeeded);
  CHECK(result.notes.at("ours") == "yes");
  CHECK(json::parse(w1.object["metadata"]["annotations"]["drover.local/cordon"]
                        .get<std::string>())["run"] == "run-1");
}

TEST_CASE("S4: without a permit nothing is sent and nothing is run") {
  Bench bench;
  ApiNode w1;
  w1.serve(bench.api);
  bench.permit = Error{.kind = ErrorKind::State, .message = "disk full"};
  CHECK(bench.run(plans::make_cordon(bench.scope, bench.inventory.hosts[1])).status ==
        StepStatus::Failed);
  CHECK(bench.api.sent.empty());
  CHECK(bench.run(plans::make_upgrade_node(bench.scope, bench.inventory.hosts[1])).status ==
        StepStatus::Failed);
  CHECK(bench.node.capsules.empty());
}

TEST_CASE("S5: a command of an earlier process is followed, used or left, as its capsule says") {
  using Kind = remote::CapsuleState::Kind;
  const auto run = [](Kind kind) {
    Bench bench;
    bench.node.capsule_state = {kind, 0};
    bench.node.on_run = [](const Command&) { return CommandResult{0, "restarted_at 5\n", ""}; };
    const plans::Step step = plans::make_kubelet_restart(bench.scope, bench.inventory.hosts[1]);
    const StepResult result = bench.run(step, {}, 2, {{1, "1", 0, "old"}});
    CHECK(result.status == StepStatus::Succeeded);
    CHECK(result.notes.at("restarted_at") == "5");
    REQUIRE(bench.node.capsules.size() == 1);
    const bool asked = std::count(bench.told.begin(), bench.told.end(), "intent 1") > 0;
    return bench.node.capsules[0] + (asked ? ", intent" : "");
  };
  CHECK(run(Kind::Running) == "old");
  CHECK(run(Kind::Done) == "old");
  CHECK(run(Kind::Absent) == "old, intent");
  CHECK(run(Kind::Prepared) == "old, intent");
  CHECK(run(Kind::Lost) == "run-1.v1.34-w1-kubelet-restart.2.1, intent");
  CHECK(run(Kind::Rebooted) == "run-1.v1.34-w1-kubelet-restart.2.1, intent");
}

TEST_CASE("S4: a command that is asked for again while it runs is ended first") {
  using Kind = remote::CapsuleState::Kind;
  Bench bench;
  bench.node.capsule_state = {Kind::Running, {}};
  bench.node.on_run = [](const Command&) { return CommandResult{0, "restarted_at 5\n", ""}; };
  const plans::Step step = plans::make_kubelet_restart(bench.scope, bench.inventory.hosts[1]);
  SECTION("it ends") {
    bench.node.on_cancel = [] { return remote::CapsuleState{Kind::Done, 143}; };
    const StepResult result = bench.run(step, {}, 2, {{1, "1", 0, "old"}}, true);
    CHECK(result.status == StepStatus::Succeeded);
    CHECK(bench.node.capsules == std::vector<std::string>{"run-1.v1.34-w1-kubelet-restart.2.1"});
  }
  SECTION("it cannot be ended: nothing is begun beside it") {
    bench.node.on_cancel = [] { return remote::CapsuleState{Kind::Running, {}}; };
    const StepResult result = bench.run(step, {}, 2, {{1, "1", 0, "old"}}, true);
    CHECK(result.status == StepStatus::Unknown);
    CHECK(bench.node.capsules.empty());
  }
  CHECK(bench.node.cancelled == std::vector<std::string>{"old"});
}

TEST_CASE("S2: without writers a step can look but not act") {
  Bench bench;
  ApiNode w1;
  w1.serve(bench.api);
  bench.dry = true;
  const StepResult cordon = bench.run(plans::make_cordon(bench.scope, bench.inventory.hosts[1]));
  CHECK(cordon.status == StepStatus::Skipped);
  CHECK(cordon.would_change);
  CHECK(cordon.message == "would cordon w1");
  plans::Step gate = plans::make_node_healthy(bench.scope, bench.inventory.hosts[1]);
  gate.needs = {"v1.34/w1/cordon"};
  plans::Attempt after;
  after.earlier["v1.34/w1/cordon"] = cordon.notes;
  CHECK(bench.run(gate, after).would_change);  // what it judges has not come about
  CHECK(bench.api.sent.empty());
  CHECK(bench.told.empty());
}

TEST_CASE("S4: a node command runs in a capsule named after run, step, attempt and effect") {
  Bench bench;
  bench.node.on_run = [](const Command&) { return CommandResult{0, "done", ""}; };
  bench.node.on_read = [](const Command&) { return CommandResult{0, "", ""}; };
  const plans::Step step = plans::make_upgrade_node(bench.scope, bench.inventory.hosts[1]);
  const StepResult result = bench.run(step, {}, 2);
  CHECK(result.status == StepStatus::Succeeded);
  REQUIRE(bench.node.capsules == std::vector<std::string>{"run-1.v1.34-w1-upgrade-node.2.1"});
  CHECK(bench.intents[0].at("capsule") == bench.node.capsules[0]);
  CHECK(bench.intents[0].at("command") == "0");
}

/// What a command on the node comes to when this process loses sight of its first start: "STATUS"
/// and what was begun, in order.
std::vector<std::string> lost_sight_of(remote::CapsuleState::Kind state, int times = 1) {
  Bench bench;
  int starts = 0;
  bench.node.capsule_state = {state, 0};
  bench.node.on_run = [&](const Command&) -> Result<CommandResult> {
    if (++starts > times) return CommandResult{0, "restarted_at 5\n", ""};
    return Error{.kind = ErrorKind::Unknown, .message = "the node went away"};
  };
  const StepResult result =
      bench.run(plans::make_kubelet_restart(bench.scope, bench.inventory.hosts[1]));
  std::vector<std::string> seen = {std::string(status_name(result.status))};
  for (const std::string& capsule : bench.node.capsules) {
    seen.push_back(capsule.substr(capsule.find("restart.") + 8));
  }
  std::vector<std::string> intents;
  for (const auto& intent : bench.intents) {
    const std::string& capsule = intent.at("capsule");
    intents.push_back(capsule.substr(capsule.find("restart.") + 8));
  }
  CHECK(bench.intents.size() == std::set(intents.begin(), intents.end()).size() +
                                    (state == remote::CapsuleState::Kind::Prepared ? 1 : 0));
  return seen;
}

TEST_CASE("S4, S5: a command that was lost sight of is resolved as its capsule says, in the run") {
  using Kind = remote::CapsuleState::Kind;
  using Seen = std::vector<std::string>;
  CHECK(lost_sight_of(Kind::Done) == Seen{"succeeded", "1.1", "1.1"});      // followed
  CHECK(lost_sight_of(Kind::Prepared) == Seen{"succeeded", "1.1", "1.1"});  // never started
  CHECK(lost_sight_of(Kind::Lost) == Seen{"succeeded", "1.1", "1.2"});      // again, new intent
  CHECK(lost_sight_of(Kind::Rebooted) == Seen{"succeeded", "1.1", "1.2"});  // likewise
  CHECK(lost_sight_of(Kind::Running) == Seen{"unknown", "1.1"});            // its time is over
  CHECK(lost_sight_of(Kind::Absent) == Seen{"unknown", "1.1"});             // taken away
  CHECK(lost_sight_of(Kind::Rebooted, 2) == Seen{"succeeded", "1.1", "1.2", "1.3"});
  CHECK(lost_sight_of(Kind::Rebooted, 9) == Seen{"failed", "1.1", "1.2", "1.3"});  // S4: at most 3
}

TEST_CASE("S4: an effect whose outcome is not known makes the step unknown, not failed") {
  Bench bench;
  bench.node.on_run = [](const Command&) -> Result<CommandResult> {
    return Error{.kind = ErrorKind::Unknown, .message = "the node went away"};
  };
  bench.node.on_state = []() -> Result<remote::CapsuleState> {
    return Error{.kind = ErrorKind::Unreachable, .message = "connection refused"};
  };
  bench.node.on_read = [](const Command&) { return CommandResult{0, "", ""}; };
  const plans::Step step = plans::make_upgrade_node(bench.scope, bench.inventory.hosts[1]);
  const StepResult result = bench.run(step);
  CHECK(result.status == StepStatus::Unknown);
  CHECK(result.error.message == "the node went away");
  CHECK(bench.last_wait == "connection refused");  // S16: it was asked for until the step's end
  CHECK(result.duration_s >= static_cast<double>(step.timeout.count()));
  CHECK(bench.told.front() == "intent 1");
  CHECK(bench.told.back() == "outcome 1");
}

TEST_CASE("S5: a login that a starting machine refuses is tried again, one on resume is not") {
  for (const int attempt : {1, 2}) {
    Bench bench;
    int asked = 0;
    bench.node.on_run = [&](const Command&) -> Result<CommandResult> {
      if (asked > 0) return CommandResult{0, "", ""};
      return Error{.kind = ErrorKind::Unknown, .message = "the node went away"};
    };
    bench.node.on_state = [&]() -> Result<remote::CapsuleState> {
      if (++asked > 2) return remote::CapsuleState{remote::CapsuleState::Kind::Rebooted, {}};
      return Error{.kind = ErrorKind::Authentication, .message = "login refused"};
    };
    const plans::Step step = plans::make_upgrade_node(bench.scope, bench.inventory.hosts[1]);
    std::vector<OpenCommand> open;
    if (attempt == 2) open = {{1, "1", 0, "old"}};
    const StepResult result = bench.run(step, {}, attempt, open);
    CHECK(result.status == (attempt == 1 ? StepStatus::Succeeded : StepStatus::Failed));
    CHECK(asked == (attempt == 1 ? 3 : 1));
  }
}

TEST_CASE("S16: a node that is away before its command was sent is waited for") {
  for (const bool back : {true, false}) {
    Bench bench;
    int tries = 0;
    bench.node.on_run = [&](const Command&) -> Result<CommandResult> {
      if (back && ++tries > 3) return CommandResult{0, "", ""};
      return Error{.kind = ErrorKind::Unreachable, .message = "no route to host"};
    };
    const plans::Step step = plans::make_upgrade_node(bench.scope, bench.inventory.hosts[1]);
    const StepResult result = bench.run(step);
    CHECK(result.status == (back ? StepStatus::Succeeded : StepStatus::Failed));
    CHECK((result.duration_s >= static_cast<double>(step.timeout.count())) == !back);
    CHECK(bench.intents.size() == 1);  // S4: one intent, one capsule
    const std::set names(bench.node.capsules.begin(), bench.node.capsules.end());
    CHECK(names.size() == 1);
  }
}

TEST_CASE("a gate's programs and pages go through their own ports") {
  struct Programs final : remote::ProgramReader {
    Result<CommandResult> run(const LocalProgram& program, std::stop_token) override {
      ran.push_back(program.argv.back());
      return CommandResult{0, "", ""};
    }
    std::vector<std::string> ran;
  } programs;
  struct Web final : remote::WebReader {
    Result<ApiResponse> get(const WebRequest& request, std::stop_token) override {
      got.push_back(request.url);
      return ApiResponse{200, R"({"status":"success","data":{"result":[]}})", {}};
    }
    std::vector<std::string> got;
  } web;
  Bench bench;
  ApiNode w1;
  w1.serve(bench.api);
  bench.upgrade.health = {.settle = std::chrono::seconds{0},
                          .consecutive = 2,
                          .prometheus = PrometheusPolicy{"https://prom", {"A"}},
                          .commands = {{.name = "smoke", .script = "exit 0"}}};
  const plans::Step step = plans::make_settled(bench.scope, bench.inventory.hosts[1]);
  CHECK(bench.run(step).status == StepStatus::Failed);  // the ports are not there
  bench.programs = &programs;
  bench.web = &web;
  CHECK(bench.run(step).status == StepStatus::Succeeded);
  CHECK(programs.ran == std::vector<std::string>{"exit 0", "exit 0"});
  CHECK(web.got.size() >= 2);
  CHECK(bench.told.front() == "waiting");  // and nothing of it was an intent (S4)
  CHECK(bench.intents.empty());
}

TEST_CASE("S16: a wait ends at the step's deadline and says what it waited for") {
  Bench bench;
  bench.api.on_get = [](const ApiRequest&) -> Result<ApiResponse> {
    return Error{.kind = ErrorKind::Unreachable, .message = "connection refused"};
  };
  const plans::Step step = plans::make_node_healthy(bench.scope, bench.inventory.hosts[1]);
  const StepResult result = bench.run(step);
  CHECK(result.status == StepStatus::Failed);
  CHECK(result.error.kind == ErrorKind::Timeout);
  CHECK(result.error.message.find("waiting for ") != std::string::npos);
  CHECK(result.duration_s >= static_cast<double>(step.timeout.count()));
  CHECK(result.duration_s < static_cast<double>(step.timeout.count()) + 30);
}

TEST_CASE("S15: a requested stop abandons a wait at once") {
  Bench bench;
  bench.api.on_get = [&](const ApiRequest&) -> Result<ApiResponse> {
    bench.stop.request_stop();
    return Error{.kind = ErrorKind::Unreachable, .message = "connection refused"};
  };
  const StepResult result =
      bench.run(plans::make_node_healthy(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Cancelled);
}

}  // namespace drover::orchestrator
