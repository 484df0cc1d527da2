#include <catch2/catch.hpp>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "orchestrator/exec/executor.h"
#include "orchestrator/exec/observe.h"
#include "orchestrator/exec/threaded_runner.h"
#include "plans/steps/catalogue.h"
#include "tests/support/fake_clock.h"
#include "tests/support/kube_json.h"
#include "tests/support/memory_journal.h"
#include "tests/support/recording_sink.h"
#include "tests/support/sample_facts.h"

/// A run that dies at every boundary of its journal, and so before and after every effect, over the
/// real executor, step loop and kinds; nodes and API are fakes that remember.
namespace drover::orchestrator {
namespace {

using nlohmann::json;

/// What outlives a crash: capsules by id, and the nodes as the API knows them. Any thread.
class World final : public remote::ApiReader, public remote::ApiWriter {
 public:
  Result<ApiResponse> get(const ApiRequest& request, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    constexpr std::string_view kNodes = "/api/v1/nodes/";
    if (request.path.starts_with(kNodes)) {
      return test::ok(test::json_of(node(request.path.substr(kNodes.size()))));
    }
    const auto names = [&](const char* word) {
      return request.path.find(word) != std::string::npos;
    };
    return test::ok(test::list_json(names("poddisruptionbudgets") ? "PodDisruptionBudget"
                                    : names("daemonsets")         ? "DaemonSet"
                                                                  : "Pod",
                                    {}));
  }

  Result<ApiResponse> send(const ApiRequest& request, std::stop_token) override {
    const std::lock_guard lock(mutex_);
    Node& changed = node(request.path.substr(request.path.rfind('/') + 1));
    const auto patch = json::parse(request.body);
    if (patch["metadata"]["resourceVersion"] != changed.resource_version) {
      return test::refusal(409, "Conflict", "the object has been modified");
    }
    const auto& cordon = patch["metadata"]["annotations"]["drover.local/cordon"];
    changed.annotations.erase("drover.local/cordon");
    if (cordon.is_string()) changed.annotations["drover.local/cordon"] = cordon;
    changed.unschedulable = patch["spec"]["unschedulable"].is_boolean();
    changed.resource_version = std::to_string(std::stoi(changed.resource_version) + 1);
    return test::ok(test::json_of(changed));
  }

  CommandResult run(const std::string& capsule, const Command& command) {
    const std::lock_guard lock(mutex_);
    if (capsules_.insert(capsule).second) ++starts_[capsule.substr(0, capsule.size() - 4)];
    const bool restart = command.script.find("systemctl restart") != std::string::npos;
    return {0, restart ? "restarted_at 1790000000\n" : "", ""};
  }
  bool knows(const std::string& capsule) {
    const std::lock_guard lock(mutex_);
    return capsules_.contains(capsule);
  }

  /// What went wrong, by now.
  std::vector<std::string> faults(size_t commands) {
    std::vector<std::string> found;
    for (const auto& [step, starts] : starts_) {
      if (starts != 1) found.push_back(step + " was started " + std::to_string(starts) + " times");
    }
    if (starts_.size() != commands) found.push_back("not every command was started");
    for (const auto& [name, one] : nodes_) {
      if (one.unschedulable) found.push_back(name + " is left cordoned");
    }
    return found;
  }

 private:
  Node& node(const std::string& name) {
    auto [at, made] = nodes_.try_emplace(name);
    if (made) {
      at->second.name = name;
      at->second.resource_version = "1";
      at->second.ready = true;
      at->second.kubelet_version = "v1.34.4";
    }
    return at->second;
  }

  std::mutex mutex_;
  std::map<std::string, Node> nodes_;
  std::set<std::string> capsules_;
  std::map<std::string, int> starts_;
};

class WorldNode final : public remote::NodeReader, public remote::NodeWriter {
 public:
  explicit WorldNode(World& world) : world_(world) {}
  Result<CommandResult> read(const Command&, std::stop_token) override { return CommandResult{}; }
  Result<CommandResult> run(const std::string& id, const Command& command,
                            const remote::OutputSink&, std::stop_token) override {
    return world_.run(id, command);
  }
  Result<remote::CapsuleState> state(const std::string& id, std::stop_token) override {
    using Kind = remote::CapsuleState::Kind;
    return world_.knows(id) ? remote::CapsuleState{Kind::Done, 0}
                            : remote::CapsuleState{Kind::Absent, {}};
  }
  Result<remote::CapsuleState> cancel(const std::string&, std::stop_token) override {
    return Error{.kind = ErrorKind::Internal, .message = "nothing is cancelled here"};
  }

 private:
  World& world_;
};

/// Two workers, each a chain of real steps.
plans::Plan two_workers() {
  static const Inventory inventory = test::sample_inventory(2);
  static const UpgradePlan file = test::sample_upgrade();
  static const ClusterFacts facts = test::sample_facts(2);
  static const plans::Scope scope{inventory,   file,       facts,
                                  {1, 33, 13}, {1, 34, 4}, inventory.hosts[0]};
  plans::Plan plan;
  for (const Host& host : inventory.hosts) {
    if (host.has(Role::ControlPlane)) continue;
    std::vector<std::string> needs;
    for (const auto make :
         {plans::make_cordon, plans::make_drain, plans::make_upgrade_node,
          plans::make_kubelet_restart, plans::make_uncordon, plans::make_settled}) {
      plans::Step step = make(scope, host);
      step.needs = needs;
      needs = {step.id};
      plan.steps.push_back(std::move(step));
    }
  }
  return plan;
}

constexpr size_t kCommands = 4;  // upgrade-node and kubelet-restart of two workers

/// Dies at the nth boundary: each record has one before and one after it was made durable. A
/// process that is dead to its journal begins nothing more, so the rest of it is as if it were
/// killed.
class MortalJournal final : public Journal {
 public:
  MortalJournal(test::MemoryJournal& kept, int dies_at) : kept_(kept), left_(dies_at) {}
  Status append(Record record) override {
    if (dies()) return died();
    DROVER_TRY(kept_.append(std::move(record)));
    return dies() ? died() : Status();
  }
  bool dead() const { return dead_; }

 private:
  bool dies() {
    dead_ = dead_ || left_ == 0;
    --left_;
    return dead_;
  }
  static Status died() { return Error{.kind = ErrorKind::State, .message = "killed"}; }

  test::MemoryJournal& kept_;
  int left_;
  bool dead_ = false;
};

/// One process: takes up what `journal` tells and works until the end, or its death.
std::optional<RunEnd> live(const plans::Plan& plan, World& world, test::MemoryJournal& journal,
                           int dies_at) {
  if (journal.records.empty()) {
    REQUIRE(journal.append({.type = "run-begun", .fields = {{"run", "run-1"}}}));
  }
  const auto memory = remember(journal.records);
  REQUIRE(memory);
  CHECK(to_observe(plan, *memory).empty());  // both kinds of command cannot tell by looking
  Mailbox mailbox;
  test::RecordingSink sink;
  EventLog events("run-1", [] { return "2026-01-01T00:00:00.000Z"; }, {&sink});
  MortalJournal mortal(journal, dies_at);
  const auto ports = [&](const std::string&) {
    auto own = std::make_shared<std::pair<WorldNode, test::FakeClock>>(world, test::FakeClock());
    StepPorts made{&own->first, &own->first, &world, &world, &own->second};
    return ThreadedRunner::Owned{made, own};
  };
  ThreadedRunner runner(
      ports, [](const plans::Step&, int) { return OutputFile(); }, mailbox);
  const RunEnd end =
      Executor(plan, {"run-1", ""}, history_of(plan, *memory, {}), mortal, events, runner, mailbox)
          .run();
  if (mortal.dead()) return std::nullopt;
  for (const StepFinished& step : sink.all<StepFinished>()) {
    if (step.status != StepStatus::Failed) continue;
    UNSCOPED_INFO(step.step.id << ": " << step.error.message);
  }
  return end;
}

constexpr int kNever = 1'000'000;

}  // namespace

TEST_CASE("S4 S5: killed at every journal boundary, each command is started once", "[crash]") {
  const plans::Plan plan = two_workers();
  test::MemoryJournal whole;
  World untouched;
  REQUIRE(live(plan, untouched, whole, kNever)->exit_code == 0);
  const int boundaries = 2 * (static_cast<int>(whole.records.size()) - 1);
  REQUIRE(boundaries > 60);
  for (int at = 0; at < boundaries; ++at) {
    INFO("killed at boundary " << at << " of " << boundaries);
    World world;
    test::MemoryJournal journal;
    CHECK_FALSE(live(plan, world, journal, at));
    const auto end = live(plan, world, journal, kNever);
    REQUIRE(end);
    CHECK(end->exit_code == 0);
    CHECK(world.faults(kCommands) == std::vector<std::string>{});
  }
}

TEST_CASE("S4 S5: killed again and again", "[crash]") {
  const plans::Plan plan = two_workers();
  std::minstd_rand random(20261123);
  for (int round = 0; round < 40; ++round) {
    INFO("round " << round);
    World world;
    test::MemoryJournal journal;
    std::optional<RunEnd> end;
    for (int lives = 0; !end && lives < 200; ++lives) {
      end = live(plan, world, journal, std::uniform_int_distribution(1, 20)(random));
    }
    REQUIRE(end);
    CHECK(end->exit_code == 0);
    CHECK(world.faults(kCommands) == std::vector<std::string>{});
  }
}

}  // namespace drover::orchestrator
