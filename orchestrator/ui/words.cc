#include "orchestrator/ui/words.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "inventory/base/duration.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {
namespace {

constexpr std::size_t kDate = 10;  // of 2026-11-22T21:10:00.000Z
constexpr std::size_t kTime = 8;

bool is_time(std::string_view time) { return plans::parse_timestamp(time).has_value(); }

}  // namespace

std::string plural(std::size_t count, std::string_view word) {
  return fmt::format("{} {}{}", count, word, count == 1 ? "" : "s");
}

std::string duration_text(double seconds) {
  if (seconds < 9.95) return fmt::format("{:.1f}s", seconds);
  return format_duration(std::chrono::seconds{std::lround(seconds)});
}

std::string clock_text(std::string_view time) {
  if (!is_time(time)) return "-";
  return fmt::format("{} {} UTC", time.substr(0, kDate), time_of_day(time));
}

std::string time_of_day(std::string_view time) {
  return is_time(time) ? std::string(time.substr(kDate + 1, kTime)) : "-";
}

std::chrono::seconds between(std::string_view from, std::string_view to) {
  const auto begin = plans::parse_timestamp(from);
  const auto end = plans::parse_timestamp(to);
  if (!begin || !end) return std::chrono::seconds{0};
  return std::chrono::duration_cast<std::chrono::seconds>(
      std::max(*end - *begin, plans::Timestamp::duration{0}));
}

}  // namespace drover::orchestrator
