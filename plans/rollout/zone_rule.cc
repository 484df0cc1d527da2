#include <charconv>

#include "plans/rollout/time_zone.h"

/// The last line of a time zone file: how it goes on for ever.
namespace drover::plans {
namespace {

using namespace std::chrono;

bool take_char(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> take_number(std::string_view& text, int least, int most) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool digit = !text.empty() && text.front() >= '0' && text.front() <= '9';
  if (!digit || error != std::errc() || value < least || value > most) return std::nullopt;
  text.remove_prefix(static_cast<size_t>(end - text.data()));
  return value;
}

// "CET" or "<+0330>".
bool take_name(std::string_view& text) {
  const bool quoted = take_char(text, '<');
  size_t length = 0;
  const auto part = [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (quoted && ((c >= '0' && c <= '9') || c == '+' || c == '-'));
  };
  while (length < text.size() && part(text[length])) ++length;
  text.remove_prefix(length);
  return length >= 3 && (!quoted || take_char(text, '>'));
}

// "[+-]h[h][:mm[:ss]]", in rules up to a week.
std::optional<seconds> take_time(std::string_view& text, int most_hours) {
  const bool negative = take_char(text, '-');
  if (!negative) take_char(text, '+');
  const auto hour = take_number(text, 0, most_hours);
  if (!hour) return std::nullopt;
  seconds value = hours(*hour);
  for (const seconds unit : {seconds(60), seconds(1)}) {
    if (!take_char(text, ':')) break;
    const auto number = take_number(text, 0, 59);
    if (!number) return std::nullopt;
    value += *number * unit;
  }
  return negative ? -value : value;
}

std::optional<YearlyChange> take_change(std::string_view& text) {
  YearlyChange change;
  if (take_char(text, 'M')) {
    const auto month = take_number(text, 1, 12);
    const auto week = month && take_char(text, '.') ? take_number(text, 1, 5) : std::nullopt;
    const auto weekday = week && take_char(text, '.') ? take_number(text, 0, 6) : std::nullopt;
    if (!weekday) return std::nullopt;
    change.month = *month, change.week = *week, change.weekday = *weekday;
  } else {
    const bool without_leap = take_char(text, 'J');
    const auto day = take_number(text, without_leap ? 1 : 0, 365);
    if (!day) return std::nullopt;
    change.form = without_leap ? YearlyChange::Form::DayWithoutLeap : YearlyChange::Form::DayOfYear;
    change.day = *day;
  }
  if (!take_char(text, '/')) return change;
  const auto time = take_time(text, 167);
  if (!time) return std::nullopt;
  change.time = *time;
  return change;
}

}  // namespace

local_seconds YearlyChange::in(std::chrono::year year) const {
  local_days day_of{};
  if (form == Form::WeekdayOfMonth) {
    const auto of = year / std::chrono::month(static_cast<unsigned>(month));
    const std::chrono::weekday on(static_cast<unsigned>(weekday));
    day_of =
        week == 5 ? local_days(of / on[last]) : local_days(of / on[static_cast<unsigned>(week)]);
  } else {
    day_of = local_days(year / January / 1) + days(day);
    if (form == Form::DayWithoutLeap) {
      const bool after_february = year.is_leap() && day >= 60;
      day_of += days(after_february ? 0 : -1);
    }
  }
  return local_seconds(day_of) + time;
}

seconds TimeZoneRule::offset_at(sys_seconds at) const {
  if (!begins || !ends) return standard;
  const year_month_day date(floor<days>(at + standard));
  const sys_seconds from(begins->in(date.year()).time_since_epoch() - standard);
  const sys_seconds until(ends->in(date.year()).time_since_epoch() - summer);
  const bool is_summer = from < until ? from <= at && at < until : !(until <= at && at < from);
  return is_summer ? summer : standard;
}

std::optional<TimeZoneRule> parse_zone_rule(std::string_view text) {
  TimeZoneRule rule;
  if (!take_name(text)) return std::nullopt;
  const auto standard = take_time(text, 24);
  if (!standard) return std::nullopt;
  rule.standard = rule.summer = -*standard;  // POSIX counts west of Greenwich
  if (text.empty()) return rule;
  if (!take_name(text)) return std::nullopt;
  rule.summer = rule.standard + hours(1);
  if (!text.empty() && text.front() != ',') {
    const auto summer = take_time(text, 24);
    if (!summer) return std::nullopt;
    rule.summer = -*summer;
  }
  if (!take_char(text, ',')) return std::nullopt;
  rule.begins = take_change(text);
  if (!rule.begins || !take_char(text, ',')) return std::nullopt;
  rule.ends = take_change(text);
  return rule.ends && text.empty() ? std::optional(rule) : std::nullopt;
}

}  // namespace drover::plans
