#include <fmt/format.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/cli/commands.h"
#include "orchestrator/lock/holder.h"
#include "orchestrator/state/state_folder.h"
#include "tests/support/captured.h"
#include "tests/support/run_files.h"
#include "tests/support/sample_plan.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

const std::string kFirst = "20261121T211000Z-aaaa";
const std::string kSecond = "20261122T211000Z-bbbb";

test::Captured drover(const test::TempDir& dir, const std::string& line) {
  const auto invocation =
      parse_command_line(split_words(fmt::format("--state-dir {} {}", dir.path(), line)));
  REQUIRE(invocation);
  return test::Captured([&] {
    switch (invocation->command) {
      case CommandId::Status:
        return status_command(*invocation);
      case CommandId::Report:
        return report_command(*invocation);
      default:
        return runs_command(*invocation);
    }
  });
}

std::string failed_run(const std::string& run, const std::string& cluster = "prod") {
  test::RunRecords records(run, cluster);
  records.done("v1.34/cluster/preflight");
  records.begin("v1.34/w1/cordon").end("v1.34/w1/cordon", "failed", "the API said no");
  return records.finish("failed", 5).text();
}

// Everything that a change of the folder would show in.
std::string trace_of(const std::string& folder) {
  std::vector<std::string> lines;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    lines.push_back(fmt::format(
        "{} {} {} {}", entry.path().string(), entry.last_write_time().time_since_epoch().count(),
        entry.is_regular_file() ? test::read_file(entry.path().string()) : "",
        static_cast<int>(entry.status().permissions())));
  }
  std::sort(lines.begin(), lines.end());
  return join(lines, "\n");
}

}  // namespace

TEST_CASE("without a run the commands say so", "[status-command]") {
  const test::TempDir dir;
  for (const std::string name : {"status", "report"}) {
    const auto text = drover(dir, name);
    CHECK(text.code() == 0);
    CHECK(text.out() == "There are no runs in " + dir.path() + ".\n");
    const auto json = nlohmann::json::parse(drover(dir, "--output json " + name).out());
    CHECK(json["run"].is_null());
  }
  CHECK(drover(dir, "runs").out() == "There are no runs here.\n");
  CHECK(drover(dir, "--output json runs").out() == "{\"v\":1,\"kind\":\"Runs\",\"runs\":[]}\n");
}

TEST_CASE("what is to be typed next names the run only where it must", "[status-command]") {
  const test::TempDir dir;
  const plans::Plan plan = test::sample_plan();
  const std::string drover_here = "drover --state-dir " + dir.path();
  test::put_run(dir.path(), "prod", kFirst, failed_run(kFirst), &plan);
  const std::string one = drover(dir, "status").out();
  CHECK(one.find("\n  " + drover_here + " resume  ") != std::string::npos);
  CHECK(one.find("\n  " + drover_here + " cancel  ") != std::string::npos);

  test::put_run(dir.path(), "test", kSecond, failed_run(kSecond, "test"), &plan);
  const std::string newest = drover(dir, "status").out();
  CHECK(newest.find(drover_here + " resume " + kSecond + "  ") != std::string::npos);
  CHECK(newest.find(drover_here + " report  ") != std::string::npos);
  const std::string named = drover(dir, "status " + kFirst).out();
  CHECK(named.find(drover_here + " resume " + kFirst + "  ") != std::string::npos);
  CHECK(named.find(drover_here + " report " + kFirst + "  ") != std::string::npos);
}

TEST_CASE("a running run is shown as such with what may be told to it", "[status-command]") {
  const test::TempDir dir;
  const plans::Plan plan = test::sample_plan();
  test::RunRecords records(kFirst);
  const std::string folder =
      test::put_run(dir.path(), "prod", kFirst, records.begin("v1.34/w1/drain").text(), &plan);
  test::put_file(folder + "/events.jsonl",
                 "{\"event\":\"step_progress\",\"step\":\"v1.34/w1/drain\",\"waiting_for\":\"a "
                 "budget\"}\n{\"event\":");
  const auto lock = FileLock::take(dir.file("prod/lock"), this_process(kFirst).str());
  REQUIRE(lock);
  const std::string text = drover(dir, "status").out();
  CHECK(text.find(fmt::format("RUNNING (pid {} on ", getpid())) != std::string::npos);
  CHECK(text.find("waiting for a budget") != std::string::npos);
  CHECK(text.find(" pause  ") != std::string::npos);
  CHECK(text.find(" resume") == std::string::npos);
  const auto json = nlohmann::json::parse(drover(dir, "--output json status").out());
  CHECK(json["state"] == "running");
  CHECK(json["holder"]["pid"] == getpid());
}

TEST_CASE("an unknown run is a usage error", "[status-command]") {
  const test::TempDir dir;
  test::put_run(dir.path(), "prod", kFirst, failed_run(kFirst));
  const auto status = drover(dir, "status 20261121T211000Z-aaab");
  CHECK(status.code() == 2);
  CHECK(status.out().empty());
  CHECK(status.err().find("did you mean " + kFirst) != std::string::npos);
}

TEST_CASE("S2: status, report and runs leave the state folder as it is", "[status-command]") {
  const test::TempDir dir;
  const plans::Plan plan = test::sample_plan();
  const std::string whole = failed_run(kFirst);
  const std::string folder = test::put_run(dir.path(), "prod", kFirst, whole, &plan);
  const auto lock = FileLock::take(dir.file("prod/lock"), this_process(kFirst).str());
  REQUIRE(lock);
  for (const std::size_t length : {std::size_t{0}, whole.size() / 2, whole.size()}) {
    test::put_file(folder + "/journal.jsonl", whole.substr(0, length));
    const std::string before = trace_of(dir.path());
    for (const std::string line : {"status", "report", "runs", "--output json report"}) {
      CAPTURE(length, line);
      CHECK(drover(dir, line).code() == 0);
      CHECK(trace_of(dir.path()) == before);
    }
  }
}

TEST_CASE("S20: a damaged run is shown with its trouble, and the others too", "[status-command]") {
  const test::TempDir dir;
  std::string damaged = failed_run(kSecond);
  damaged[10] = '?';
  test::put_run(dir.path(), "prod", kFirst, failed_run(kFirst));
  test::put_run(dir.path(), "prod", kSecond, damaged);
  const std::string runs = drover(dir, "runs").out();
  CHECK(runs.find(kFirst) != std::string::npos);
  CHECK(runs.find("unreadable") != std::string::npos);
  const auto status = drover(dir, "status");
  CHECK(status.code() == 0);
  CHECK(status.out().find("UNREADABLE") != std::string::npos);
  CHECK(drover(dir, "status " + kFirst).out().find("the API said no") != std::string::npos);
}

}  // namespace drover::orchestrator
