#include <catch2/catch.hpp>

#include "plans/gates/gate.h"
#include "plans/gates/user_commands.h"
#include "plans/steps/catalogue.h"
#include "tests/support/gate_answers.h"
#include "tests/support/kube_json.h"
#include "tests/support/step_driver.h"
#include "tests/support/step_kind.h"

namespace drover::plans {
namespace {

using namespace test;
using Where = UserCommand::Where;

struct CommandsCase {
  Hop hop;
  GateWorld world = quiet_world();
  Attempt attempt;

  explicit CommandsCase(std::vector<UserCommand> commands) {
    hop.upgrade.health.commands = std::move(commands);
    hop.upgrade.health.settle = std::chrono::seconds{0};
    hop.upgrade.health.consecutive = 1;
  }
  Step step() const { return make_settled(hop.scope(), hop.host("w1")); }
  std::string look() { return summary(world.rounds(step(), attempt)); }
};

const UserCommand kLocal{.name = "smoke", .script = "curl -f https://shop.example/health"};
const UserCommand kOnNode{.name = "disk", .run = {"check-disk", "it's /var"}, .on = Where::Node};

}  // namespace

TEST_CASE("the user's commands must succeed, and what they say is told") {
  struct Row {
    Result<CommandResult> result;
    const char* told;
  };
  const auto error = [](ErrorKind kind, const char* message) {
    return Error{.kind = kind, .message = message};
  };
  for (const Row& row : {
           Row{CommandResult{0, "", ""}, "done: w1 Ready for 0s"},
           Row{CommandResult{22, "page\n", "first\ncurl: (22) 503\n\n"},
               "wait: health command smoke to succeed (exit code 22: curl: (22) 503)"},
           Row{CommandResult{1, "out\x1b[31m\n", ""},
               "wait: health command smoke to succeed (exit code 1: out"},
           Row{CommandResult{7, "", ""}, "wait: health command smoke to succeed (exit code 7)"},
           Row{CommandResult{std::nullopt, "", ""},
               "wait: health command smoke to succeed (ended by a signal)"},
           Row{error(ErrorKind::Timeout, "not done within 5m"),
               "wait: health command smoke to succeed (not done within 5m)"},
       }) {
    CommandsCase one({kLocal});
    one.world.programs = {{kLocal.script, row.result}};
    const std::string told = one.look();
    INFO(told);
    CHECK(told.starts_with(row.told));
    CHECK(told.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("S19: on the node it runs as a read, quoted, and knows which node it is") {
  CommandsCase one({kOnNode});
  one.attempt.notes["rest_is_well"] = "yes";
  const Queries queries = gate_queries(one.step(), one.attempt);
  REQUIRE(queries.commands.size() == 1);
  CHECK(queries.commands[0].script ==
        "DROVER_HOST=w1 DROVER_NODE=w1; export DROVER_HOST DROVER_NODE\n"
        R"(check-disk 'it'\''s /var')"
        "\n");
  CHECK_FALSE(queries.commands[0].mutates);  // S4: nothing of it is an effect
  CHECK_FALSE(one.step().mutates());
  one.world.commands = {{R"(check-disk 'it'\''s /var')", CommandResult{0, "", ""}}};
  CHECK(one.look() == "done: w1 Ready for 0s");
}

TEST_CASE("here it runs by sh with the names of the node, and no longer than the gate") {
  CommandsCase one({kLocal});
  one.attempt.notes["rest_is_well"] = "yes";
  const auto program = [&] { return gate_queries(one.step(), one.attempt).programs.at(0); };
  CHECK(program().argv == std::vector<std::string>{"sh", "-c", kLocal.script});
  CHECK(program().env == std::vector<std::pair<std::string, std::string>>{{"DROVER_HOST", "w1"},
                                                                          {"DROVER_NODE", "w1"}});
  CHECK(program().timeout == std::chrono::minutes{5});
  one.attempt.elapsed = Seconds{299.5};
  CHECK(program().timeout == std::chrono::seconds{1});
  one.attempt.elapsed = Seconds{400};
  CHECK(program().timeout == std::chrono::seconds{1});
  one.attempt.elapsed = Seconds{0};
  one.hop.upgrade.health.commands[0].timeout = std::chrono::seconds{7};
  CHECK(program().timeout == std::chrono::seconds{7});
}

TEST_CASE("commands are tried only when nothing else is missing") {
  CommandsCase one({kLocal});
  Node node;
  node.name = "w1";
  one.world.paths[kNodeW1] = ok(json_of(node));
  CHECK(one.look() == "wait: w1 to be Ready ()");  // the command is not known to this world
  node.ready = true;
  one.world.paths[kNodeW1] = ok(json_of(node));
  one.world.programs = {{kLocal.script, CommandResult{1, "", "no"}}};
  CHECK(one.look() == "wait: health command smoke to succeed (exit code 1: no)");
  node.ready = false;
  one.world.paths[kNodeW1] = ok(json_of(node));
  CHECK(one.look().starts_with("wait: w1 to be Ready (), health command"));
  one.world.programs.clear();
  CHECK(one.look() == "wait: w1 to be Ready ()");
}

TEST_CASE("a step of the cluster runs what needs no node") {
  CommandsCase one({kOnNode, kLocal});
  one.attempt.notes["rest_is_well"] = "yes";
  const Queries queries = gate_queries(make_addons_healthy(one.hop.scope()), one.attempt);
  CHECK(queries.commands.empty());
  CHECK(queries.programs.size() == 1);
}

TEST_CASE("before the first change the user's commands have their say") {
  CommandsCase one({kLocal});
  one.world.paths["/readyz"] = ok("ok");
  one.world.paths["/version"] = ok(R"({"gitVersion":"v1.33.13"})");
  one.world.paths["/api/v1/nodes"] = ok(list_of("Node", one.hop.facts.nodes));
  one.world.paths["/api/v1/namespaces/kube-system/pods?labelSelector=tier%3Dcontrol-plane"] =
      none_of("Pod");
  one.world.programs = {{kLocal.script, CommandResult{1, "", "no"}}};
  const Step step = make_preflight(one.hop.scope());
  CHECK(summary(one.world.rounds(step, one.attempt)) ==
        "wait: health command smoke to succeed (exit code 1: no)");
  one.world.programs = {{kLocal.script, CommandResult{0, "", ""}}};
  CHECK(summary(one.world.rounds(step, one.attempt)) == "send 2");  // the pending taints
}

}  // namespace drover::plans
