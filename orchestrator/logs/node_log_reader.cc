#include "orchestrator/logs/node_log_reader.h"

#include "orchestrator/patience.h"

namespace drover::orchestrator {

Result<bool> NodeLogReader::show(const std::stop_token& stop) {
  DROVER_TRY_ASSIGN(const Took took, read(stop));
  return took != Took::Nothing;
}

Status NodeLogReader::follow(const std::stop_token& stop) {
  Patience patience(clock_);
  bool worked = false;
  for (;;) {
    const remote::Instant began = clock_.now();
    Result<Took> took = read(stop);
    if (took && *took == Took::Enough) return {};
    if (took) {
      worked = true;
      patience.renew();
    } else {
      // What worked before works again: a runtime is restarted, a static pod is between two
      // containers.
      if (worked && took.error().kind == ErrorKind::Command)
        took.error().kind = ErrorKind::Unreachable;
      DROVER_TRY(patience.bear(took.error(), began, tell_));
    }
    if (!clock_.wait_until(began + kBetweenReadings, stop)) return stopped_following();
  }
}

Result<NodeLogReader::Took> NodeLogReader::read(const std::stop_token& stop) {
  DROVER_TRY_ASSIGN(const CommandResult result, node_.read(log_.next(), stop));
  DROVER_TRY_ASSIGN(const auto lines, log_.take(result));
  for (const plans::LogLine& line : lines) {
    if (!show_(line)) return Took::Enough;
  }
  return lines.empty() ? Took::Nothing : Took::Some;
}

}  // namespace drover::orchestrator
