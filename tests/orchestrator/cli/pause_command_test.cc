#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/cli/tell_run.h"
#include "orchestrator/control/control_server.h"
#include "orchestrator/state/state_folder.h"
#include "tests/support/captured.h"
#include "tests/support/run_files.h"

namespace drover::orchestrator {
namespace {

const std::string kRun = "20261121T211000Z-aaaa";

test::Captured told(int (*command)(const Invocation&), const test::TempDir& dir,
                    const std::string& words) {
  const auto invocation =
      parse_command_line(split_words(fmt::format("--state-dir {} {}", dir.path(), words)));
  REQUIRE(invocation);
  return test::Captured([&] { return command(*invocation); });
}

test::Captured pause_in(const test::TempDir& dir, const std::string& words = "") {
  return told(pause_command, dir, "pause " + words);
}

test::Captured cancel_in(const test::TempDir& dir, const std::string& words = "") {
  return told(cancel_command, dir, "cancel " + words);
}

// A run in which this process is.
struct Going {
  explicit Going(const std::string& holder)
      : folder(test::put_run(dir.path(), "prod", kRun,
                             test::RunRecords(kRun).begin("v1.34/w1/drain").text())),
        lock(FileLock::take(dir.file("prod/lock"), holder)) {
    REQUIRE(lock);
  }
  test::TempDir dir;
  std::string folder;
  Result<FileLock> lock;
  Mailbox mailbox;
};

}  // namespace

TEST_CASE("pause tells the running Drover, says what happens, and is done", "[pause-command]") {
  Going going(this_process(kRun).str());
  const auto server = ControlServer::open(going.folder, going.mailbox);
  REQUIRE(server);
  const auto paused = pause_in(going.dir);
  INFO(paused.err());
  CHECK(paused.code() == 0);
  CHECK(paused.out() ==
        fmt::format("Run {0} (pid {1}): the steps that are running are finished, nothing more is "
                    "started.\n`drover --state-dir {2} status {0}` shows how it stands; when it "
                    "has ended, `drover --state-dir {2} resume {0}` goes on.\n",
                    kRun, getpid(), going.dir.path()));
  const auto message = going.mailbox.take(std::chrono::milliseconds(0));
  REQUIRE(message);
  CHECK(std::holds_alternative<PauseRun>(*message));

  const auto json = nlohmann::json::parse(pause_in(going.dir, "--output json").out());
  CHECK(json["v"] == 1);
  CHECK(json["kind"] == "Pause");
  CHECK(json["run"] == kRun);
}

TEST_CASE("without a running Drover pause is a usage error with the way out", "[pause-command]") {
  const test::TempDir dir;
  const auto none = pause_in(dir);
  CHECK(none.code() == 2);
  CHECK(none.out().empty());
  CHECK(none.err() == fmt::format("error: no run in {0} is going on\n  -> `drover --state-dir {0} "
                                  "status` shows how it stands, and what to type next\n",
                                  dir.path()));
  test::put_run(dir.path(), "prod", kRun, test::RunRecords(kRun).begin("v1.34/w1/drain").text());
  const auto named = pause_in(dir, kRun);
  CHECK(named.code() == 2);
  CHECK(named.err().starts_with("error: run " + kRun + " is not going on\n"));
}

TEST_CASE("a Drover that has no socket yet is named with its process", "[pause-command]") {
  const Going going(this_process(kRun).str());
  const auto paused = pause_in(going.dir);
  CHECK(paused.code() == 1);
  CHECK(paused.err().find(fmt::format("the Drover of run {} (pid {}) was not reached", kRun,
                                      getpid())) != std::string::npos);
  CHECK(paused.err().find(fmt::format("kill -INT {}", getpid())) != std::string::npos);
}

TEST_CASE("a Drover on another machine is told of", "[pause-command]") {
  const Going going("" + kRun + " on elsewhere pid 7 since 8");
  const auto paused = pause_in(going.dir);
  CHECK(paused.code() == 2);
  CHECK(paused.err().find("is going on on elsewhere") != std::string::npos);
}

TEST_CASE("cancel tells the running Drover", "[pause-command]") {
  Going going(this_process(kRun).str());
  const auto server = ControlServer::open(going.folder, going.mailbox);
  REQUIRE(server);
  const auto cancelled = cancel_in(going.dir);
  INFO(cancelled.err());
  CHECK(cancelled.code() == 0);
  CHECK(cancelled.out().find("the run ends for good") != std::string::npos);
  CHECK(cancelled.out().find(" resume ") == std::string::npos);
  const auto message = going.mailbox.take(std::chrono::milliseconds(0));
  REQUIRE(message);
  CHECK(std::holds_alternative<CancelRun>(*message));
}

TEST_CASE("what is over needs no cancel", "[pause-command]") {
  const test::TempDir dir;
  CHECK(cancel_in(dir).code() == 0);
  CHECK(cancel_in(dir).out() == fmt::format("There is no unfinished run in {}: nothing is to be "
                                            "cancelled.\n",
                                            dir.path()));
  test::put_run(dir.path(), "prod", kRun,
                test::RunRecords(kRun).done("v1.34/w1/drain").finish("succeeded", 0).text());
  const auto named = cancel_in(dir, kRun);
  CHECK(named.code() == 0);
  CHECK(named.out().starts_with("Run " + kRun + " is not unfinished"));
  CHECK(cancel_in(dir, "20261121T211000Z-aaab").code() == 2);
}

TEST_CASE("S20: a run whose journal is damaged is not cancelled", "[pause-command]") {
  const test::TempDir dir;
  std::string damaged = test::RunRecords(kRun).begin("v1.34/w1/drain").text();
  damaged[10] = '?';
  test::put_run(dir.path(), "prod", kRun, damaged);
  const auto cancelled = cancel_in(dir);
  CHECK(cancelled.code() == 1);
  CHECK(cancelled.err().find("line 1 is damaged") != std::string::npos);
}

}  // namespace drover::orchestrator
