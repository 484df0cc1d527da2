#include "orchestrator/exec_run.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <thread>

#include "tests/support/fake_ports.h"
#include "tests/support/memory_journal.h"
#include "tests/support/sample_facts.h"

namespace drover::orchestrator {
namespace {

using CapsuleKind = remote::CapsuleState::Kind;

struct ExecRunBench {
  Inventory inventory = test::sample_inventory(3);
  std::map<std::string, std::shared_ptr<test::FakeNode>> nodes;
  test::MemoryJournal journal;
  Mailbox mailbox;
  std::mutex mutex;
  std::vector<std::string> heard;
  std::vector<std::string> told;
  std::optional<ExecRun> run;

  ExecRunBench() {
    for (const Host& host : inventory.hosts) {
      nodes[host.name] = std::make_shared<test::FakeNode>();
      nodes[host.name]->on_run = [](const Command&) -> Result<CommandResult> {
        return CommandResult{.exit_code = 0, .out = "hello\n"};
      };
    }
    run.emplace(
        "id-1",
        ExecRun::Parts{.node = [this](const std::string& h) { return nodes.at(h); },
                       .journal = journal,
                       .mailbox = mailbox,
                       .output =
                           [this](const std::string& host, remote::Stream, std::string_view text) {
                             const std::lock_guard lock(mutex);
                             heard.push_back(host + ": " + std::string(text));
                           },
                       .tell = [this](const std::string& t) { told.push_back(t); }});
  }

  std::vector<ExecResult> on(const std::vector<std::string>& names) {
    std::vector<const Host*> hosts;
    for (const std::string& name : names) hosts.push_back(inventory.find(name));
    return run->run(hosts, {.script = "uptime\n", .mutates = true});
  }
};

Result<CommandResult> exits(int code) { return CommandResult{.exit_code = code}; }
Result<CommandResult> fails(ErrorKind kind) { return Error{.kind = kind, .message = "no"}; }

ExecResult ended(int code) { return {.host = "w1", .result = {.exit_code = code}}; }
ExecResult failed(ErrorKind kind) {
  return {.host = "w1", .error = Error{.kind = kind, .message = "no"}};
}

}  // namespace

TEST_CASE("S4: each node's intent is on disk before its capsule, the outcome after it", "[exec]") {
  ExecRunBench bench;
  for (auto& [name, node] : bench.nodes) {
    node->on_run = [&bench, name = name](const Command&) {
      CHECK(bench.journal.count("effect-intent", "node/" + name + "/exec") == 1);
      CHECK(bench.journal.count("effect-outcome", "node/" + name + "/exec") == 0);
      return exits(name == "w2" ? 3 : 0);
    };
  }
  const auto results = bench.on({"w1", "w2", "w3"});
  REQUIRE(results.size() == 3);
  CHECK(results[1].host == "w2");
  CHECK(results[1].result.exit_code == 3);
  CHECK(worst_exit_code(results) == 3);
  CHECK(bench.journal.count("effect-outcome") == 3);
  CHECK(bench.nodes["w1"]->capsules == std::vector<std::string>{"exec-id-1"});
}

TEST_CASE("S4: what cannot be put on disk is not run", "[exec]") {
  ExecRunBench bench;
  bench.journal.full_after = 0;
  const auto results = bench.on({"w1"});
  REQUIRE(results[0].error);
  CHECK(results[0].error->kind == ErrorKind::State);
  CHECK(bench.nodes["w1"]->capsules.empty());
}

TEST_CASE("S4: an outcome that did not come is asked for, and nothing is started again", "[exec]") {
  struct Row {
    CapsuleKind state;
    std::string says;  ///< "": the outcome is known then
  };
  for (const Row& row :
       {Row{CapsuleKind::Done, ""}, Row{CapsuleKind::Running, "still runs"},
        Row{CapsuleKind::Rebooted, "restarted before"}, Row{CapsuleKind::Lost, "was killed"}}) {
    ExecRunBench bench;
    auto& node = *bench.nodes["w1"];
    node.capsule_state = {row.state, 0};
    node.on_run = [&](const Command&) {
      return node.capsules.size() == 1 ? fails(ErrorKind::Unknown) : exits(0);
    };
    const auto results = bench.on({"w1"});
    CHECK(node.capsules.size() == (row.says.empty() ? 2u : 1u));
    CHECK(results[0].error.has_value() == !row.says.empty());
    if (!row.says.empty()) {
      CHECK(results[0].error->message.find(row.says) != std::string::npos);
      CHECK(worst_exit_code(results) == 5);
    }
  }
}

TEST_CASE("a command whose time is up is ended", "[exec]") {
  ExecRunBench bench;
  auto& node = *bench.nodes["w1"];
  node.capsule_state = {CapsuleKind::Running, {}};
  node.on_cancel = [] { return remote::CapsuleState{CapsuleKind::Done, 143}; };
  node.on_run = [](const Command&) { return fails(ErrorKind::Unknown); };
  const auto results = bench.on({"w1"});
  CHECK(node.cancelled == std::vector<std::string>{"exec-id-1"});
  REQUIRE(results[0].error);
  CHECK(results[0].error->message == "w1: the command was ended, as its 1m were up");
  CHECK(worst_exit_code(results) == 5);
}

TEST_CASE("S14, S15: nothing is begun once the lock is lost or the operator asks to stop",
          "[exec]") {
  const bool interrupted = GENERATE(false, true);
  ExecRunBench bench;
  bench.nodes["w1"]->on_run = [&](const Command&) {
    // While this one runs the others wait for the lease, which then is lost, or for the operator.
    bench.mailbox.post(LeaseFailed{"the API is away", {}});
    if (interrupted) {
      bench.mailbox.post(Interrupt{});
    } else {
      bench.mailbox.post(LeaseLost{"is now held by run x"});
    }
    return exits(0);
  };
  const auto first = bench.on({"w1"});
  CHECK(first[0].result.exit_code == 0);
  const auto results = bench.on({"w2", "w3"});
  for (const ExecResult& result : results) {
    REQUIRE(result.error);
    CHECK(result.error->kind == (interrupted ? ErrorKind::Cancelled : ErrorKind::Locked));
  }
  CHECK(bench.nodes["w2"]->capsules.empty());
  CHECK(bench.run->interrupted() == interrupted);
  CHECK(worst_exit_code(results) == (interrupted ? 130 : 5));
  CHECK(bench.told.size() == 1);
}

TEST_CASE("the exit code is the worst node's", "[exec]") {
  CHECK(worst_exit_code({ended(0), ended(0)}) == 0);
  CHECK(worst_exit_code({ended(0), ended(7), ended(2)}) == 7);
  CHECK(worst_exit_code({ended(200), failed(ErrorKind::Unreachable)}) == 8);
  CHECK(worst_exit_code({ended(0), failed(ErrorKind::Unknown)}) == 5);
  CHECK(worst_exit_code({failed(ErrorKind::HostKey), failed(ErrorKind::Cancelled)}) == 130);
}

}  // namespace drover::orchestrator
