#include "orchestrator/state/event_file.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "tests/support/read_file.h"
#include "tests/support/temp_dir.h"

namespace drover::orchestrator {
namespace {

Event warning(std::uint64_t seq) {
  return {seq, "2026-01-01T00:00:00.000Z", "run-1", Warning{"code", "text"}};
}

}  // namespace

TEST_CASE("events go on behind those of an earlier process, wherever it died", "[event-file]") {
  test::TempDir dir;
  const std::string whole_path = dir.file("whole.jsonl");
  {
    EventFile file;
    file.on(warning(1));  // before the run has a folder
    REQUIRE(file.open(whole_path));
    file.on(warning(2));
  }
  const std::string whole = test::read_file(whole_path);
  CHECK(*EventFile::last_seq(whole_path) == 2);
  const size_t line = whole.find('\n') + 1;
  for (size_t length = 1; length <= whole.size(); ++length) {
    INFO("cut at " << length);
    const std::string path = dir.file("cut.jsonl");
    std::ofstream(path) << whole.substr(0, length);
    const std::uint64_t lines = length < line ? 0 : length < whole.size() ? 1 : 2;
    CHECK(*EventFile::last_seq(path) == lines);
    EventFile file;
    REQUIRE(file.open(path));
    CHECK(test::read_file(path) == whole.substr(0, lines * line));
  }
}

TEST_CASE("a run without events begins with the first", "[event-file]") {
  test::TempDir dir;
  CHECK(*EventFile::last_seq(dir.file("none.jsonl")) == 0);
}

}  // namespace drover::orchestrator
