#include "orchestrator/logs/node_log_reader.h"

#include <catch2/catch.hpp>
#include <deque>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

using Answers = std::deque<Result<CommandResult>>;

CommandResult printed(const std::string& out) { return {.exit_code = 0, .out = out}; }

Error unreachable() { return {.kind = ErrorKind::Unreachable, .message = "w1 is away"}; }

/// A machine that answers in turn; when nothing is left, Ctrl-C comes.
struct NodeLogReaderWorld {
  NodeLogReader reader() {
    node.on_read = [this](const Command&) -> Result<CommandResult> {
      if (answers.empty()) {
        stop.request_stop();
        return Error{.kind = ErrorKind::Cancelled, .message = "stopped"};
      }
      Result<CommandResult> next = answers.front();
      answers.pop_front();
      return next;
    };
    return {node, clock, *log,
            [this](const plans::LogLine& line) {
              shown += line.text + '\n';
              return shown.size() < enough;
            },
            [this](const std::string& text) { told.push_back(text); }};
  }
  Error follow() {
    const Status end = reader().follow(stop.get_token());
    return end ? Error{.message = "ended"} : end.error();
  }

  test::FakeNode node;
  test::FakeClock clock;
  std::stop_source stop;
  std::unique_ptr<plans::NodeLog> log = plans::journal_log({"kubelet"}, {});
  Answers answers;
  std::string shown;
  size_t enough = 1000;
  std::vector<std::string> told;
};

}  // namespace

TEST_CASE("a machine's log is shown once") {
  NodeLogReaderWorld world;
  world.answers = {printed("one\ntwo\n-- cursor: c1\n"), printed("-- No entries --\n"),
                   CommandResult{.exit_code = 1, .err = "broken"}};
  CHECK(*world.reader().show({}) == true);
  CHECK(world.shown == "one\ntwo\n");
  CHECK(*world.reader().show({}) == false);
  CHECK(world.reader().show({}).error().kind == ErrorKind::Command);
}

TEST_CASE("a machine's log is followed over lost connections, a command a second") {
  NodeLogReaderWorld world;
  world.answers = {printed("one\n-- cursor: c1\n"),
                   unreachable(),
                   unreachable(),
                   printed("-- Boot 8f3c --\ntwo\n-- cursor: c2\n"),
                   CommandResult{.exit_code = 1, .err = "the journal is being rotated"},
                   printed("three\n-- cursor: c3\n")};
  const auto began = world.clock.now();
  CHECK(world.follow().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "one\n-- Boot 8f3c --\ntwo\nthree\n");
  CHECK(world.clock.now() - began == std::chrono::seconds(6));
  REQUIRE(world.told.size() == 2);
  CHECK(world.told[0] == "w1 is away; trying again");
  REQUIRE(world.node.reads.size() == 7);
  CHECK(world.node.reads[3].find("--after-cursor=c1") != std::string::npos);
  CHECK(world.node.reads[4].find("--after-cursor=c2") != std::string::npos);
}

TEST_CASE("a machine that cannot read its log from the start is not asked again") {
  NodeLogReaderWorld world;
  world.answers = {CommandResult{.exit_code = 127, .err = "journalctl: not found"}};
  CHECK(world.follow().kind == ErrorKind::Command);
  CHECK(world.node.reads.size() == 1);
}

TEST_CASE("a machine that stays away is given up, and who reads no more ends it") {
  NodeLogReaderWorld world;
  world.answers = Answers(400, unreachable());
  CHECK(world.follow().kind == ErrorKind::Unreachable);
  NodeLogReaderWorld enough;
  enough.enough = 3;
  enough.answers = {printed("one\ntwo\n")};
  CHECK(enough.follow().message == "ended");
  CHECK(enough.shown == "one\n");
}

}  // namespace drover::orchestrator
