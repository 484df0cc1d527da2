#include <catch2/catch.hpp>
#include <set>

#include "plans/steps/catalogue.h"
#include "tests/support/step_loop_bench.h"

namespace drover::orchestrator {

namespace {

/// What a command on the node comes to when this process loses sight of its first start: "STATUS"
/// and what was begun, in order.
std::vector<std::string> lost_sight_of(remote::CapsuleState::Kind state, int times = 1) {
  StepLoopBench bench;
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

}  // namespace

TEST_CASE("S5: a command of an earlier process is followed, used or left, as its capsule says") {
  using Kind = remote::CapsuleState::Kind;
  const auto run = [](Kind kind) {
    StepLoopBench bench;
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
  StepLoopBench bench;
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
    StepLoopBench bench;
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
    StepLoopBench bench;
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

}  // namespace drover::orchestrator
