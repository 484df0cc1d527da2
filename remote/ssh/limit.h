#pragma once

#include <poll.h>

#include <algorithm>
#include <chrono>
#include <stop_token>

#include "remote/clock.h"

namespace drover::remote {

/// What ends a wait from outside.
struct Limit {
  Instant deadline;
  std::stop_token stop;
};

/// The time until `deadline` as poll(2) takes it: rounded up, at least 0, at most a minute.
inline int poll_timeout(Instant deadline) {
  using std::chrono::milliseconds;
  const auto now = std::chrono::steady_clock::now();
  if (deadline <= now) return 0;
  const auto left = std::chrono::ceil<milliseconds>(
      std::min(deadline - now, Instant::duration(std::chrono::minutes(1))));
  return static_cast<int>(left.count());
}

}  // namespace drover::remote
