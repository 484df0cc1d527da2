#include "remote/clock.h"

#include <time.h>

#include <condition_variable>
#include <mutex>

namespace drover::remote {

Instant SystemClock::now() { return std::chrono::steady_clock::now(); }

WallTime SystemClock::wall() { return std::chrono::system_clock::now(); }

Instant SystemClock::boot() {
  timespec since{};
  clock_gettime(CLOCK_BOOTTIME, &since);
  return Instant(std::chrono::seconds(since.tv_sec) + std::chrono::nanoseconds(since.tv_nsec));
}

bool SystemClock::wait_until(Instant deadline, std::stop_token stop) {
  std::mutex mutex;
  std::condition_variable_any condition;
  std::unique_lock lock(mutex);
  condition.wait_until(lock, stop, deadline, [] { return false; });
  return !stop.stop_requested();
}

}  // namespace drover::remote
