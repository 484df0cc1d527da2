#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>

#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/step_runner.h"
#include "remote/clock.h"

namespace drover::bench {

/// Time that goes on only when every step that runs waits for it, and then straight to the next
/// moment that somebody waits for: a roll-out of hours takes seconds, and its own waits cost
/// nothing. Clock, mailbox and runner of one executor; any thread.
class VirtualTime final : public remote::Clock, public orchestrator::Mailbox {
 public:
  remote::Instant now() override;
  remote::WallTime wall() override;
  remote::Instant boot() override { return now(); }
  bool wait_until(remote::Instant deadline, std::stop_token stop) override;
  void post(orchestrator::Message message) override;
  std::optional<orchestrator::Message> take(std::chrono::milliseconds patience) override;

  /// A step was handed to a worker: time stands still until it waits or has ended.
  void step_started();

 private:
  void go_on();

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::deque<orchestrator::Message> messages_;
  remote::Instant now_{};
  std::multiset<remote::Instant> deadlines_;  ///< of those that wait
  size_t running_ = 0;                        ///< steps
};

/// Tells the clock of each step that is started.
class CountedRunner final : public orchestrator::StepRunner {
 public:
  CountedRunner(orchestrator::StepRunner& runner, VirtualTime& time)
      : runner_(runner), time_(time) {}
  void start(const plans::Step& step, orchestrator::StepStart start) override {
    time_.step_started();
    runner_.start(step, std::move(start));
  }
  void stop_waiting() override { runner_.stop_waiting(); }

 private:
  orchestrator::StepRunner& runner_;
  VirtualTime& time_;
};

}  // namespace drover::bench
