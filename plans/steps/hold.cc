#include "plans/steps/hold.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kSince = "held_since";
constexpr const char* kTimes = "held_times";

template <class Number>
Number number_in(const std::string& note) {
  Number number{};
  std::from_chars(note.data(), note.data() + note.size(), number);
  return number;
}

// Without counters: a wait whose words change is told to the operator each time.
std::string holding(const HoldRule& gate, int times, Seconds held) {
  if (held < gate.least) return fmt::format("it to stay so for {:.0f} s", gate.least.count());
  return times < gate.times ? fmt::format("it to be seen {} times", gate.times) : "";
}

}  // namespace

Decision hold(const HoldRule& gate, const Attempt& attempt, const std::vector<std::string>& missing,
              const std::string& message) {
  if (!missing.empty()) {
    Decision decision = wait_for(join(missing, ", "), gate.interval);
    decision.remember = {{kSince, ""}, {kTimes, "0"}};
    return decision;
  }
  const std::string& noted = attempt.note(kSince);
  const Seconds since = noted.empty() ? attempt.elapsed : Seconds{number_in<double>(noted)};
  const Seconds held = attempt.elapsed - since;
  const int times = number_in<int>(attempt.note(kTimes)) + 1;
  Decision decision = done(message);
  if (times < gate.times || held < gate.least) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(gate.least - held);
    const bool only_time = times >= gate.times;
    decision = wait_for(holding(gate, times, held),
                        only_time ? std::min(left, gate.interval) : gate.interval);
  }
  decision.remember = {{kSince, fmt::format("{:.3f}", since.count())},
                       {kTimes, fmt::format("{}", times)}};
  return decision;
}

}  // namespace drover::plans
