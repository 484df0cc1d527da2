#include "plans/rollout/time_zone.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "plans/rollout/opening.h"

namespace drover::plans {
namespace {

using namespace std::chrono;

const std::string kFolder = "/usr/share/zoneinfo/";

std::string bytes_of(const std::string& zone) {
  std::ifstream file(kFolder + zone, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

TimeZone zone_of(const std::string& name) {
  const auto zone = TimeZone::parse(bytes_of(name));
  INFO(name << ": " << (zone ? "" : zone.error().message));
  REQUIRE(zone);
  return *zone;
}

/// What the C library says, which knows one zone at a time.
class CLibrary {
 public:
  explicit CLibrary(const std::string& zone) {
    setenv("TZ", (":" + zone).c_str(), 1);
    tzset();
  }
  ~CLibrary() {
    unsetenv("TZ");
    tzset();
  }
  static seconds offset_at(sys_seconds at) {
    const std::time_t time = at.time_since_epoch().count();
    std::tm local{};
    localtime_r(&time, &local);
    return seconds(local.tm_gmtoff);
  }
};

MaintenanceWindow window(minutes start, minutes end, std::array<bool, 7> days) {
  return {.days = days, .start = start, .end = end};
}

constexpr std::array kEveryDay = {true, true, true, true, true, true, true};

sys_seconds at(int year, unsigned month, unsigned day, int hour, int minute = 0) {
  const sys_days date(std::chrono::year(year) / std::chrono::month(month) / std::chrono::day(day));
  return date + hours(hour) + minutes(minute);
}

}  // namespace

TEST_CASE("zones are read as the C library reads them, from 1970 to 2100", "[zone]") {
  // Both hemispheres, half hours, no summer time, summer time by the day before, negative summer
  // time, and a country that skipped a day.
  for (const char* name :
       {"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata",
        "Australia/Lord_Howe", "Pacific/Apia", "Africa/Casablanca", "America/Nuuk", "Asia/Gaza",
        "Antarctica/Troll", "Pacific/Chatham", "America/St_Johns", "Etc/GMT+7", "UTC"}) {
    if (!std::filesystem::exists(kFolder + name)) continue;
    const TimeZone zone = zone_of(name);
    const CLibrary other(name);
    int wrong = 0;
    for (sys_seconds then{}; then < at(2100, 1, 1, 0); then += hours(7) + minutes(13)) {
      if (zone.offset_at(then) != CLibrary::offset_at(then)) ++wrong;
    }
    INFO(name);
    CHECK(wrong == 0);
  }
}

TEST_CASE("the second before and the second of a change", "[zone]") {
  const TimeZone berlin = zone_of("Europe/Berlin");
  for (const int year : {2026, 2099}) {
    const sys_days sunday(std::chrono::year(year) / March / Sunday[std::chrono::last]);
    const sys_seconds forward = sunday + hours(1);
    CHECK(berlin.offset_at(forward - seconds(1)) == hours(1));
    CHECK(berlin.offset_at(forward) == hours(2));
  }
}

TEST_CASE("a zone file that is cut off anywhere is refused or read, never more", "[zone]") {
  const std::string whole = bytes_of("Europe/Berlin");
  REQUIRE(whole.size() > 100);
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto zone = TimeZone::parse(whole.substr(0, length));
    if (zone) zone->offset_at(at(2050, 7, 1, 0));
    // Only without its last line does enough remain.
    CHECK((!zone || length > whole.size() - 40));
  }
  CHECK_FALSE(TimeZone::parse("#!/bin/sh\n"));
}

TEST_CASE("rules that no zone has now", "[zone]") {
  const auto rule = [](std::string_view text) {
    const auto read = parse_zone_rule(text);
    INFO(text);
    REQUIRE(read);
    return *read;
  };
  CHECK(rule("EST5").offset_at(at(2026, 7, 1, 0)) == -hours(5));
  CHECK(rule("<+0330>-3:30").offset_at(at(2026, 7, 1, 0)) == minutes(210));
  CHECK(rule("XXX0YYY,J60,J300").offset_at(at(2028, 3, 1, 3)) == hours(1));  // J60 is 1 March
  CHECK(rule("XXX0YYY,J60,J300").offset_at(at(2028, 2, 29, 3)) == hours(0));
  CHECK(rule("XXX0YYY,59,300").offset_at(at(2028, 2, 29, 3)) == hours(1));  // 59 is 29 February
  CHECK(rule("XXX3EDT4,0/0,J365/23").offset_at(at(2026, 1, 5, 0)) == -hours(4));
  for (const char* text : {"", "E5", "EST", "EST5EDT", "EST5EDT,M3", "EST5EDT,M3.2.0",
                           "EST5EDT,M3.2.0,M13.1.0", "EST5EDT,M3.2.0,M11.1.0x", "EST5x"}) {
    INFO(text);
    CHECK_FALSE(parse_zone_rule(text));
  }
}

TEST_CASE("a window is open by local clocks, on its days", "[window]") {
  const TimeZone berlin = zone_of("Europe/Berlin");
  std::array<bool, 7> weekdays = {true, true, true, true, false, false, false};
  const MaintenanceWindow nights = window(hours(1), hours(5), weekdays);
  // 30 November 2026 is a Monday; Berlin is an hour ahead.
  CHECK_FALSE(is_open(nights, berlin, at(2026, 11, 29, 23, 59)));
  CHECK(is_open(nights, berlin, at(2026, 11, 30, 0)));
  CHECK(is_open(nights, berlin, at(2026, 11, 30, 3, 59)));
  CHECK_FALSE(is_open(nights, berlin, at(2026, 11, 30, 4)));
  CHECK_FALSE(is_open(nights, berlin, at(2026, 12, 4, 1)));  // Friday
}

TEST_CASE("a window over midnight belongs to the day on which it opens", "[window]") {
  const MaintenanceWindow late =
      window(hours(22), hours(4), {false, false, false, false, true, false, false});
  const TimeZone utc = TimeZone::utc();
  CHECK_FALSE(is_open(late, utc, at(2026, 12, 4, 3)));  // Friday morning: of Thursday
  CHECK(is_open(late, utc, at(2026, 12, 4, 22)));
  CHECK(is_open(late, utc, at(2026, 12, 5, 3, 59)));
  CHECK_FALSE(is_open(late, utc, at(2026, 12, 5, 22)));
}

TEST_CASE("when a window changes next", "[window]") {
  const TimeZone utc = TimeZone::utc();
  const MaintenanceWindow one = window(hours(1), hours(5), {true});
  const Opening closed = opening_at(one, utc, at(2026, 12, 1, 12));  // Tuesday
  CHECK_FALSE(closed.open);
  CHECK(closed.changes == at(2026, 12, 7, 1));
  const Opening open = opening_at(one, utc, at(2026, 12, 7, 1) + seconds(17));
  CHECK(open.open);
  CHECK(open.changes == at(2026, 12, 7, 5));
  CHECK_FALSE(opening_at(window(hours(0), hours(24), kEveryDay), utc, at(2026, 1, 1, 0)).changes);
  CHECK(local_text(utc, *closed.changes) == "Mon 2026-12-07 01:00");
}

TEST_CASE("a window in which clocks are put forward or back is shorter or longer", "[window]") {
  const TimeZone berlin = zone_of("Europe/Berlin");
  const MaintenanceWindow nights = window(hours(1), hours(5), kEveryDay);
  const auto length = [&](sys_seconds within) {
    sys_seconds begin = within;
    while (is_open(nights, berlin, begin - minutes(1))) begin -= minutes(1);
    return duration_cast<minutes>(*opening_at(nights, berlin, begin).changes - begin);
  };
  CHECK(length(at(2026, 3, 28, 1)) == hours(4));
  CHECK(length(at(2026, 3, 29, 1)) == hours(3));
  CHECK(length(at(2026, 10, 25, 1)) == hours(5));
}

TEST_CASE("the longest opening of a window", "[window]") {
  CHECK(longest_opening(window(hours(1), hours(5), kEveryDay)) == hours(4));
  CHECK(longest_opening(window(hours(22), hours(4), {true})) == hours(6));
  CHECK(longest_opening(window(hours(0), hours(24), kEveryDay)) == hours(7 * 24));
  CHECK(longest_opening(window(hours(0), hours(24),
                               {true, false, false, false, false, true, true})) == hours(3 * 24));
}

}  // namespace drover::plans
