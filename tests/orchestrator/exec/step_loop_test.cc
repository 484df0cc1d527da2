#include <catch2/catch.hpp>

#include "plans/steps/catalogue.h"
#include "tests/support/step_loop_bench.h"

namespace drover::orchestrator {

TEST_CASE(
    "S3, S4: cordon asks, is permitted, sends one instance of its template, and looks again") {
  StepLoopBench bench;
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

TEST_CASE("S10: a node that is cordoned already is not touched, and the step says skipped") {
  StepLoopBench bench;
  ApiNode w1;
  w1.object["spec"]["unschedulable"] = true;
  w1.serve(bench.api);
  const StepResult result = bench.run(plans::make_cordon(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Skipped);
  CHECK(result.notes.at("ours") == "no");
  CHECK(bench.api.sent.empty());
}

TEST_CASE("S10: a cordon that an unfinished run of ours left is taken over by this run") {
  StepLoopBench bench;
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
  StepLoopBench bench;
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

TEST_CASE("S4: a command that is asked for again while it runs is ended first") {
  using Kind = remote::CapsuleState::Kind;
  StepLoopBench bench;
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
  StepLoopBench bench;
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
  StepLoopBench bench;
  bench.node.on_run = [](const Command&) { return CommandResult{0, "done", ""}; };
  bench.node.on_read = [](const Command&) { return CommandResult{0, "", ""}; };
  const plans::Step step = plans::make_upgrade_node(bench.scope, bench.inventory.hosts[1]);
  const StepResult result = bench.run(step, {}, 2);
  CHECK(result.status == StepStatus::Succeeded);
  REQUIRE(bench.node.capsules == std::vector<std::string>{"run-1.v1.34-w1-upgrade-node.2.1"});
  CHECK(bench.intents[0].at("capsule") == bench.node.capsules[0]);
  CHECK(bench.intents[0].at("command") == "0");
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
  StepLoopBench bench;
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
  StepLoopBench bench;
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
  StepLoopBench bench;
  bench.api.on_get = [&](const ApiRequest&) -> Result<ApiResponse> {
    bench.stop.request_stop();
    return Error{.kind = ErrorKind::Unreachable, .message = "connection refused"};
  };
  const StepResult result =
      bench.run(plans::make_node_healthy(bench.scope, bench.inventory.hosts[1]));
  CHECK(result.status == StepStatus::Cancelled);
}

}  // namespace drover::orchestrator
