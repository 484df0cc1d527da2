#pragma once

#include "remote/clock.h"

namespace drover::test {

/// Time that passes only when somebody waits. One thread.
class FakeClock final : public remote::Clock {
 public:
  remote::Instant now() override { return now_; }
  remote::WallTime wall() override { return wall_; }
  remote::Instant boot() override { return now_ + asleep_; }
  bool wait_until(remote::Instant deadline, std::stop_token stop) override {
    if (stop.stop_requested()) return false;
    if (deadline > now_) pass(deadline - now_);
    return true;
  }
  void pass(remote::Instant::duration time) {
    now_ += time;
    wall_ += std::chrono::duration_cast<remote::WallTime::duration>(time);
  }
  /// The machine sleeps: deadlines stand still.
  void sleep(remote::Instant::duration time) {
    asleep_ += time;
    wall_ += std::chrono::duration_cast<remote::WallTime::duration>(time);
  }

 private:
  remote::Instant now_{};
  remote::Instant::duration asleep_{};
  remote::WallTime wall_{std::chrono::seconds(1'790'000'000)};
};

}  // namespace drover::test
