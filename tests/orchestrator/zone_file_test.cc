#include "orchestrator/zone_file.h"

#include <catch2/catch.hpp>

#include "orchestrator/files.h"
#include "tests/support/temp_dir.h"

#include <fstream>

namespace drover::orchestrator {

using namespace std::chrono;

TEST_CASE("a time zone is read from the machine's own files, UTC from none", "[zone]") {
  const sys_seconds summer = sys_days(year(2026) / July / 1);
  CHECK(load_time_zone("Europe/Berlin")->offset_at(summer) == hours(2));
  CHECK(load_time_zone("UTC")->offset_at(summer) == hours(0));
  for (const char* name : {"Europe/Atlantis", "Europe", "tzdata.zi"}) {
    const auto zone = load_time_zone(name);
    REQUIRE_FALSE(zone);
    CHECK(zone.error().kind == ErrorKind::File);
    CHECK(zone.error().message.find(name) != std::string::npos);
    CHECK_FALSE(zone.error().remedy.empty());
  }
}

TEST_CASE("a plan file with a time zone that is not known names its place", "[zone]") {
  const test::TempDir dir;
  const auto write = [&](const std::string& name, const std::string& text) {
    std::ofstream(dir.path() + "/" + name) << text;
  };
  write("i.yaml", "cluster: c\nhosts: {cp1: {address: a, roles: [control-plane]}}\n");
  write("u.yaml",
        "inventory: i.yaml\ntarget: 1.34.4\nworkers: {exclude: [w9]}\nwindow: {start: \"01:00\", "
        "end: \"02:00\", timezone: Europe/Atlantis}\n");
  const auto files = load_files(dir.path() + "/u.yaml", "");
  const auto* problems = std::get_if<Diagnostics>(&files);
  REQUIRE(problems != nullptr);
  REQUIRE(problems->size() == 2);  // all that is wrong, at once
  CHECK(problems->at(1).line == 4);
  CHECK(problems->at(1).column == 50);
  CHECK(problems->at(1).message.find("window.timezone") == 0);
}

}  // namespace drover::orchestrator
