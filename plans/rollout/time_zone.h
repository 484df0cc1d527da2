#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover::plans {

/// A day of each year on which clocks are put forward or back: the rule of a POSIX TZ string.
struct YearlyChange {
  enum class Form { WeekdayOfMonth, DayOfYear, DayWithoutLeap };
  Form form = Form::WeekdayOfMonth;
  int month = 1, week = 1, weekday = 0;  ///< M3.5.0: the last Sunday of March; week 5 is the last
  int day = 0;                           ///< Jn counts from 1 and has no 29 February, n from 0
  std::chrono::seconds time{2 * 3600};   ///< of the local day; may be beyond it

  std::chrono::local_seconds in(std::chrono::year year) const;
};

/// What local clocks show after the last change that is listed.
struct TimeZoneRule {
  std::chrono::seconds standard{0};  ///< east of UTC
  std::chrono::seconds summer{0};
  std::optional<YearlyChange> begins, ends;  ///< of summer time; absent: there is none

  std::chrono::seconds offset_at(std::chrono::sys_seconds at) const;
};

/// "CET-1CEST,M3.5.0,M10.5.0/3" (POSIX, with the extensions of RFC 9636).
std::optional<TimeZoneRule> parse_zone_rule(std::string_view text);

/// A time zone of the IANA database, from the file that tzdata installs for it. Own code, because
/// g++ 12 has no std::chrono::tzdb and the C library knows one zone a process.
class TimeZone {
 public:
  static TimeZone utc() { return TimeZone(); }
  /// `bytes`: a whole TZif file (RFC 9636). Errors are of kind File.
  static Result<TimeZone> parse(std::string_view bytes);

  /// How far local clocks are ahead of UTC.
  std::chrono::seconds offset_at(std::chrono::sys_seconds at) const;

 private:
  struct Change {
    std::chrono::sys_seconds at;
    std::chrono::seconds offset;
  };
  std::chrono::seconds before_{0};  ///< the first change
  std::vector<Change> changes_;
  std::optional<TimeZoneRule> after_;  ///< the last change
};

}  // namespace drover::plans
