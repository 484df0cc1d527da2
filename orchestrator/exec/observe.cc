#include "orchestrator/exec/observe.h"

#include <fmt/format.h>

namespace drover::orchestrator {
namespace {

Warning no_longer_so(const StepEnded& ended) {
  const Error& error = ended.result.error;
  return {"changed-meanwhile",
          fmt::format("{} was done, and is so no longer{}: it is done again", ended.step,
                      error.message.empty() ? "" : " (" + error.message + ")")};
}

}  // namespace

Result<std::set<std::string>> observe(const std::vector<const plans::Step*>& steps,
                                      const History& history, const std::string& run,
                                      StepRunner& runner, Mailbox& mailbox, EventLog& events,
                                      std::stop_token stop) {
  for (const plans::Step* step : steps) {
    StepStart start;
    start.attempt.run = run;
    start.attempt.earlier = notes_for(*step, history.notes);
    runner.start(*step, std::move(start));
  }
  std::set<std::string> undone;
  const std::stop_callback stopped(stop, [&] { runner.stop_waiting(); });
  for (size_t left = steps.size(); left > 0;) {
    auto message = mailbox.take(std::chrono::seconds(1));
    events.tick();
    if (!message) continue;
    const auto* ended = std::get_if<StepEnded>(&*message);
    if (ended == nullptr) continue;
    --left;
    const StepResult& result = ended->result;
    const bool so = !result.would_change && result.status == StepStatus::Skipped;
    if (so || stop.stop_requested()) continue;
    undone.insert(ended->step);
    events.emit(no_longer_so(*ended));
  }
  if (stop.stop_requested()) {
    return Error{.kind = ErrorKind::Cancelled, .message = "stopped by the operator"};
  }
  return undone;
}

}  // namespace drover::orchestrator
