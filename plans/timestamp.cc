#include "plans/timestamp.h"

#include <algorithm>

namespace drover::plans {
namespace {

using std::chrono::microseconds;

// Takes exactly `digits` digits off the front.
bool take(std::string_view& text, size_t digits, int& value) {
  if (text.size() < digits) return false;
  value = 0;
  for (size_t i = 0; i < digits; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(digits);
  return true;
}

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

// An optional fraction of a second; digits beyond the sixth are cut off.
bool take_fraction(std::string_view& text, microseconds& fraction) {
  fraction = microseconds{0};
  if (!take_char(text, '.')) return true;
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0) return false;
  for (size_t i = 0; i < 6; ++i) {
    fraction = fraction * 10 + microseconds{i < digits ? text[i] - '0' : 0};
  }
  text.remove_prefix(digits);
  return true;
}

// "Z" or "+02:00": what is to be taken off to come to UTC.
bool take_zone(std::string_view& text, std::chrono::minutes& offset) {
  offset = std::chrono::minutes{0};
  if (take_char(text, 'Z')) return true;
  const bool west = !text.empty() && text.front() == '-';
  if (!west && (text.empty() || text.front() != '+')) return false;
  text.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (!take(text, 2, hours) || !take_char(text, ':') || !take(text, 2, minutes)) return false;
  if (hours > 23 || minutes > 59) return false;
  offset = std::chrono::hours{hours} + std::chrono::minutes{minutes};
  if (west) offset = -offset;
  return true;
}

}  // namespace

std::optional<Timestamp> parse_timestamp(std::string_view text) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  microseconds fraction{0};
  std::chrono::minutes offset{0};
  const bool read = take(text, 4, year) && take_char(text, '-') && take(text, 2, month) &&
                    take_char(text, '-') && take(text, 2, day) && take_char(text, 'T') &&
                    take(text, 2, hour) && take_char(text, ':') && take(text, 2, minute) &&
                    take_char(text, ':') && take(text, 2, second) &&
                    take_fraction(text, fraction) && take_zone(text, offset) && text.empty();
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  constexpr int kLeapSecond = 60;
  if (!read || !date.ok() || hour > 23 || minute > 59 || second > kLeapSecond) return std::nullopt;
  return Timestamp{std::chrono::sys_days{date}} + std::chrono::hours{hour} +
         std::chrono::minutes{minute} + std::chrono::seconds{second} + fraction - offset;
}

std::optional<Timestamp> parse_epoch(std::string_view text) {
  constexpr size_t kMostDigits = 11;  // far beyond the year 5000, far below overflow
  const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  if (digits == 0 || digits > kMostDigits) return std::nullopt;
  long long seconds = 0;
  for (char c : text.substr(0, digits)) seconds = seconds * 10 + (c - '0');
  text.remove_prefix(digits);
  microseconds fraction{0};
  if (!take_fraction(text, fraction) || !text.empty()) return std::nullopt;
  return Timestamp{std::chrono::seconds{seconds}} + fraction;
}

}  // namespace drover::plans
