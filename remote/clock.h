#pragma once

#include <chrono>
#include <stop_token>

namespace drover::remote {

using Instant = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Time as an effect. Deadlines use now(), which no clock change moves; wall() is for records.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() = 0;
  virtual WallTime wall() = 0;
  /// As now(), and going on while the machine sleeps (clock_gettime(2), CLOCK_BOOTTIME): what
  /// others may have done meanwhile is judged by it.
  virtual Instant boot() = 0;
  /// Blocks until `deadline`; false if `stop` was requested first. Any thread.
  virtual bool wait_until(Instant deadline, std::stop_token stop) = 0;
};

/// The machine's own clocks.
class SystemClock final : public Clock {
 public:
  Instant now() override;
  WallTime wall() override;
  Instant boot() override;
  bool wait_until(Instant deadline, std::stop_token stop) override;
};

}  // namespace drover::remote
