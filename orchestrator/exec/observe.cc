#include "orchestrator/exec/observe.h"

#include <fmt/format.h>

#include <deque>
#include <map>
#include <utility>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

using plans::Step;

/// The steps of each host one after the other, those of several hosts at once. What does not answer
/// is waited for once, as long as the step may take: what counts as undone is done again, with what
/// followed it.
class Observation {
 public:
  Observation(const std::vector<const Step*>& steps, const History& history, std::string run,
              StepRunner& runner, EventLog& events)
      : history_(history), run_(std::move(run)), runner_(runner), events_(events) {
    for (const Step* step : steps) {
      queues_[step->host].push_back(step);
      steps_[step->id] = step;
    }
  }

  void begin() {
    for (const auto& [host, queue] : queues_) start(*queue.front());
  }
  bool under_way() const { return running_ > 0; }

  void take(const Waiting& waiting) {
    const Step& step = running(waiting.step);
    if (!told_.insert(step.host).second) return;
    events_.emit(Warning{
        "look-again",
        fmt::format("waiting up to {} to look at what was done on {}: {}",
                    format_duration(step.timeout), step.host, sanitise(waiting.what, 400))});
  }

  void take(const StepEnded& ended, bool stopping) {
    const Step& step = running(ended.step);
    --running_;
    if (stopping) return;
    std::deque<const Step*>& queue = queues_.at(step.host);
    const StepResult& result = ended.result;
    if (result.error.kind == ErrorKind::Timeout) return give_up(step.host, result.error);
    queue.pop_front();
    if (result.would_change || result.status != StepStatus::Skipped) no_longer_so(step, result);
    if (!queue.empty()) start(*queue.front());
  }

  std::set<std::string> undone() && { return std::move(undone_); }

 private:
  void start(const Step& step) {
    StepStart start;
    start.attempt.run = run_;
    start.attempt.earlier = notes_for(step, history_.notes);
    ++running_;
    runner_.start(step, std::move(start));
  }

  const Step& running(const std::string& id) const { return *steps_.at(id); }

  void no_longer_so(const Step& step, const StepResult& result) {
    undone_.insert(step.id);
    const std::string& why = result.error.message;
    events_.emit(Warning{"changed-meanwhile",
                         fmt::format("{} was done, and is so no longer{}: it is done again",
                                     step.id, why.empty() ? "" : " (" + why + ")")});
  }

  void give_up(const std::string& host, const Error& error) {
    for (const Step* step : std::exchange(queues_.at(host), {})) undone_.insert(step->id);
    events_.emit(Warning{"not-seen",
                         fmt::format("what was done on {} cannot be looked at ({}): it counts as "
                                     "not done",
                                     host, error.message)});
  }

  const History& history_;
  const std::string run_;
  StepRunner& runner_;
  EventLog& events_;
  std::map<std::string, const Step*> steps_;               ///< by id
  std::map<std::string, std::deque<const Step*>> queues_;  ///< by host
  std::set<std::string> told_;                             ///< hosts that are waited for
  std::set<std::string> undone_;
  size_t running_ = 0;
};

}  // namespace

Result<std::set<std::string>> observe(const std::vector<const Step*>& steps, const History& history,
                                      const std::string& run, StepRunner& runner, Mailbox& mailbox,
                                      EventLog& events, std::stop_token stop) {
  Observation observation(steps, history, run, runner, events);
  const std::stop_callback stopped(stop, [&] { runner.stop_waiting(); });
  observation.begin();
  while (observation.under_way()) {
    const auto message = mailbox.take(std::chrono::seconds(1));
    events.tick();
    if (!message) continue;
    if (const auto* waiting = std::get_if<Waiting>(&*message)) observation.take(*waiting);
    if (const auto* ended = std::get_if<StepEnded>(&*message))
      observation.take(*ended, stop.stop_requested());
  }
  if (stop.stop_requested()) {
    return Error{.kind = ErrorKind::Cancelled, .message = "stopped by the operator"};
  }
  return std::move(observation).undone();
}

}  // namespace drover::orchestrator
