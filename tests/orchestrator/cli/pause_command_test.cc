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

test::Captured pause_in(const test::TempDir& dir, const std::string& words = "") {
  const auto invocation =
      parse_command_line(split_words(fmt::format("--state-dir {} pause {}", dir.path(), words)));
  REQUIRE(invocation);
  return test::Captured([&] { return pause_command(*invocation); });
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

}  // namespace drover::orchestrator
