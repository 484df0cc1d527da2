#include "tests/bench/rollout/virtual_time.h"

namespace drover::bench {

using orchestrator::Message;

remote::Instant VirtualTime::now() {
  const std::lock_guard lock(mutex_);
  return now_;
}

remote::WallTime VirtualTime::wall() {
  return remote::WallTime(
      std::chrono::duration_cast<remote::WallTime::duration>(now().time_since_epoch()));
}

bool VirtualTime::wait_until(remote::Instant deadline, std::stop_token stop) {
  std::unique_lock lock(mutex_);
  if (deadline <= now_) return !stop.stop_requested();
  deadlines_.insert(deadline);
  changed_.notify_all();
  changed_.wait(lock, stop, [&] { return now_ >= deadline; });
  return !stop.stop_requested();
}

void VirtualTime::post(Message message) {
  {
    const std::lock_guard lock(mutex_);
    messages_.push_back(std::move(message));
  }
  changed_.notify_all();
}

void VirtualTime::step_started() {
  const std::lock_guard lock(mutex_);
  ++running_;
}

/// Those whose time has come wait no more from this moment on, whenever their threads wake.
void VirtualTime::go_on() {
  now_ = *deadlines_.begin();
  deadlines_.erase(deadlines_.begin(), deadlines_.upper_bound(now_));
  changed_.notify_all();
}

std::optional<Message> VirtualTime::take(std::chrono::milliseconds patience) {
  std::unique_lock lock(mutex_);
  while (messages_.empty()) {
    if (running_ == 0) {  // only time itself is waited for
      now_ += patience;
      return std::nullopt;
    }
    if (deadlines_.size() == running_) {
      go_on();
    } else {
      changed_.wait(lock);
    }
  }
  Message message = std::move(messages_.front());
  messages_.pop_front();
  if (std::holds_alternative<orchestrator::StepEnded>(message)) --running_;
  return message;
}

}  // namespace drover::bench
