#include "examples/sandbox/world/moment.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>

namespace drover::sandbox {
namespace {

using std::chrono::floor;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr Span kShortest{0.2};

}  // namespace

Moment after(Moment at, Span span) { return at + std::chrono::duration_cast<microseconds>(span); }

Moment from_epoch(double seconds_since_1970) { return after(Moment{}, Span{seconds_since_1970}); }

Moment next_second(Moment at) { return floor<seconds>(at) + seconds{1}; }

std::string stamp(Moment at) {
  const std::time_t time = std::chrono::system_clock::to_time_t(floor<seconds>(at));
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}Z", fmt::gmtime(time));
}

std::string micro_stamp(Moment at) {
  std::string text = stamp(at);
  text.pop_back();
  return fmt::format("{}.{:06}Z", text, (at - floor<seconds>(at)).count());
}

Span Pace::of(Span real) const { return speed_ > 0 ? real / speed_ : std::min(real, kShortest); }

}  // namespace drover::sandbox
