#include "orchestrator/state/past_runs.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "tests/support/run_files.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

void write_run(const std::string& state, const std::string& run, const std::string& text) {
  const std::string folder = state + "/prod/runs/" + run;
  std::filesystem::create_directories(folder);
  std::ofstream(folder + "/journal.jsonl") << text;
}

std::string took(const std::string& run, const std::string& step, const std::string& duration,
                 const std::string& status = "succeeded", int attempt = 1) {
  test::RunRecords records(run);
  records.begin(step, attempt);
  records.add({.type = "step-ended",
               .step = step,
               .attempt = attempt,
               .fields = {{"status", status}, {"duration_s", duration}}});
  return records.text();
}

}  // namespace

TEST_CASE("the newest runs tell how long steps took that did their work", "[past]") {
  const test::TempDir dir;
  write_run(dir.path(), "20260101T000000Z-aaaa", took("r1", "v1.33/w1/drain", "50.2"));
  write_run(dir.path(), "20260102T000000Z-aaaa", took("r2", "v1.34/w1/drain", "30.2"));
  write_run(dir.path(), "20260103T000000Z-aaaa", took("r3", "v1.34/w1/drain", "1.0", "skipped"));
  write_run(dir.path(), "20260104T000000Z-aaaa", took("r4", "v1.34/w1/drain", "2.0", "failed"));
  write_run(dir.path(), "20260105T000000Z-aaaa",
            took("r5", "v1.34/w1/drain", "3.0", "succeeded", 2) + "a torn en");
  const auto past = past_durations(dir.path(), "prod");
  REQUIRE(past);
  CHECK(past->of("drain", "w1") == seconds(31));
  CHECK(past->of("drain", "w2") == seconds(31));
  CHECK_FALSE(past->of("cordon", "w1"));
}

TEST_CASE("only the five newest runs count, and one that cannot be read tells nothing", "[past]") {
  const test::TempDir dir;
  write_run(dir.path(), "20260101T000000Z-aaaa", took("r", "v1.33/cluster/etcd-snapshot", "9"));
  for (int day = 2; day <= 6; ++day) {
    write_run(dir.path(), "2026010" + std::to_string(day) + "T000000Z-aaaa",
              day % 2 == 0 ? "garbage\nand more\n" : took("r", "v1.34/w1/drain", "5"));
  }
  const auto past = past_durations(dir.path(), "prod");
  REQUIRE(past);
  CHECK(past->of("drain", "w1") == seconds(5));
  CHECK_FALSE(past->of("etcd-snapshot", ""));
  CHECK_FALSE(past_durations(dir.path(), "another")->of("drain", "w1"));
}

}  // namespace drover::orchestrator
