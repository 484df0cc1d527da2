#include "inventory/rollout_policy.h"

#include <fmt/format.h>

namespace drover {

std::string_view order_name(WorkerOrder order) {
  return order == WorkerOrder::Auto ? "auto" : "inventory";
}

std::string_view on_blocked_name(OnBlocked action) {
  switch (action) {
    case OnBlocked::Defer:
      return "defer";
    case OnBlocked::Wait:
      return "wait";
    case OnBlocked::Fail:
      return "fail";
  }
  return "";
}

std::string clock_of(std::chrono::minutes of_day) {
  return fmt::format("{:02}:{:02}", of_day.count() / 60, of_day.count() % 60);
}

std::optional<std::chrono::minutes> parse_clock(std::string_view text) {
  const auto digit = [&](size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  const bool form =
      text.size() == 5 && digit(0) && digit(1) && text[2] == ':' && digit(3) && digit(4);
  if (!form) return std::nullopt;
  const int hour = (text[0] - '0') * 10 + (text[1] - '0');
  const int minute = (text[3] - '0') * 10 + (text[4] - '0');
  if (minute > 59 || hour > 24 || (hour == 24 && minute > 0)) return std::nullopt;
  return std::chrono::minutes{hour * 60 + minute};
}

std::string MaintenanceWindow::str() const {
  std::string names;
  bool all = true;
  for (size_t day = 0; day < days.size(); ++day) {
    all = all && days[day];
    if (days[day]) names += fmt::format("{}{}", names.empty() ? "" : ", ", kDayNames[day]);
  }
  return fmt::format("{} {}-{} {}", all ? "every day" : names, clock_of(start), clock_of(end),
                     timezone);
}

}  // namespace drover
