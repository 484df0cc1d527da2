#include "plans/rollout/opening.h"

#include <fmt/format.h>

#include <algorithm>

namespace drover::plans {
namespace {

using namespace std::chrono;

constexpr minutes kDay = hours(24);

// `day`: 0 is Monday.
bool open_on(const MaintenanceWindow& window, size_t day, minutes of_day) {
  const bool over_midnight = window.end <= window.start;
  if (!over_midnight) {
    return window.days[day] && of_day >= window.start && of_day < window.end;
  }
  return (window.days[day] && of_day >= window.start) ||
         (window.days[(day + 6) % 7] && of_day < window.end);
}

local_seconds local_of(const TimeZone& zone, sys_seconds at) {
  return local_seconds(at.time_since_epoch() + zone.offset_at(at));
}

}  // namespace

bool is_open(const MaintenanceWindow& window, const TimeZone& zone, sys_seconds at) {
  const local_seconds local = local_of(zone, at);
  const local_days day = floor<days>(local);
  const size_t weekday_index = std::chrono::weekday(day).iso_encoding() - 1;
  return open_on(window, weekday_index, floor<minutes>(local - day));
}

Opening opening_at(const MaintenanceWindow& window, const TimeZone& zone, sys_seconds at) {
  Opening opening{.open = is_open(window, zone, at)};
  // Every edge of a window and every change of a zone in our days is on a whole minute.
  const sys_seconds first = floor<minutes>(at) + minutes(1);
  for (sys_seconds then = first; then < first + days(9); then += minutes(1)) {
    if (is_open(window, zone, then) == opening.open) continue;
    opening.changes = then;
    break;
  }
  return opening;
}

minutes longest_opening(const MaintenanceWindow& window) {
  minutes longest{0};
  minutes now{0};
  for (minutes at{0}; at < 14 * kDay;
       ++at) {  // the week twice: one may go on from Sunday to Monday
    const size_t day = static_cast<size_t>(at / kDay) % 7;
    now = open_on(window, day, at % kDay) ? now + minutes(1) : minutes(0);
    longest = std::max(longest, now);
  }
  return std::min(longest, 7 * kDay);
}

std::string local_text(const TimeZone& zone, sys_seconds at) {
  constexpr std::array kNames = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  const local_seconds local = local_of(zone, at);
  const local_days day = floor<days>(local);
  const year_month_day date(day);
  const minutes of_day = floor<minutes>(local - day);
  return fmt::format("{} {}-{:02}-{:02} {}", kNames.at(weekday(day).iso_encoding() - 1),
                     static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                     static_cast<unsigned>(date.day()), clock_of(of_day));
}

}  // namespace drover::plans
