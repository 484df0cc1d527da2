#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <variant>

#include "inventory/base/result.h"
#include "orchestrator/exec/step_result.h"
#include "plans/plan_state.h"
#include "plans/steps/kind.h"
#include "remote/clock.h"

/// What worker threads, the lease keeper and the signal thread tell the coordinator.
namespace drover::orchestrator {

/// May this effect be begun? Answered when its intent is durable (S4), or with the reason why not.
struct AskPermit {
  std::string step;
  int attempt = 1;
  std::map<std::string, std::string> fields;  ///< of the journal's effect-intent record
  remote::Instant deadline;  ///< of the step: a permit later than this is of no use
  std::promise<Status> answer;
};
struct EffectEnded {
  std::string step;
  int attempt = 1;
  std::map<std::string, std::string> fields;  ///< of the journal's effect-outcome record
};
struct Waiting {
  std::string step;
  std::string what;
};
struct Noticed {
  std::string step;
  plans::Notice notice;
};
struct StepEnded {
  std::string step;
  StepResult result;
};
struct LeaseRenewed {
  remote::Instant at;  ///< when it was asked for, by Clock::boot()
};
struct LeaseFailed {
  std::string why;
  remote::Instant at;
};
struct LeaseLost {
  std::string how;  ///< "is now held by run ..."
};
/// A look at the nodes: these, by Kubernetes name, are not Ready.
struct NodesSeen {
  std::set<std::string> down;
};
/// What a person said at a pause of the plan file.
struct PauseAnswered {
  plans::Pause pause;
  bool go_on = false;
};
struct Interrupt {};
/// `drover pause`: stop at the next safe point.
struct PauseRun {};
/// `drover cancel`: the same, and end the run for good.
struct CancelRun {};

using Message =
    std::variant<AskPermit, EffectEnded, Waiting, Noticed, StepEnded, LeaseRenewed, LeaseFailed,
                 LeaseLost, NodesSeen, PauseAnswered, Interrupt, PauseRun, CancelRun>;

/// The one way into the coordinator: any thread posts, one thread takes.
class Mailbox {
 public:
  virtual ~Mailbox() = default;

  virtual void post(Message message) {
    {
      const std::lock_guard lock(mutex_);
      messages_.push_back(std::move(message));
    }
    arrived_.notify_one();
  }

  /// The next message, or nothing after `patience`.
  virtual std::optional<Message> take(std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (!arrived_.wait_for(lock, patience, [this] { return !messages_.empty(); })) {
      return std::nullopt;
    }
    Message message = std::move(messages_.front());
    messages_.pop_front();
    return message;
  }

 private:
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::deque<Message> messages_;
};

}  // namespace drover::orchestrator
