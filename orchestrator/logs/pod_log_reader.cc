#include "orchestrator/logs/pod_log_reader.h"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "orchestrator/http_status.h"
#include "orchestrator/patience.h"

namespace drover::orchestrator {
namespace {}  // namespace

Status PodLogReader::show(const std::stop_token& stop) {
  const Result<ApiResponse> answer = read(stop);
  take_rest();
  if (!answer) return answer.error();
  if (!answer->ok())
    return plans::log_refusal(source_, plans::read_log(source_, query_, ""), *answer);
  if (!any_ && query_.window.tail != 0) tell_(plans::no_lines(source_, query_));
  return {};
}

Status PodLogReader::follow(const std::stop_token& stop) {
  Patience patience(clock_);
  for (;;) {
    const remote::Instant began = clock_.now();
    const ApiRequest request = plans::read_log(source_, query_, place_.since());
    Result<ApiResponse> answer = read(stop);
    if (enough_) return {};
    Result<Next> next = Next::Again;
    // That its time has passed is the end of one reading, and no failure.
    if (answer) {
      next = look(*answer, request, stop);
    } else if (answer.error().kind != ErrorKind::Timeout) {
      next = std::move(answer).error();
    }
    if (next && *next == Next::End) {
      take_rest();
      return {};
    }
    if (next) {
      patience.renew();
    } else {
      DROVER_TRY(patience.bear(next.error(), began, tell_));
    }
    if (!clock_.wait_until(began + kBetweenReadings, stop)) return stopped_following();
  }
}

/// One reading, from where the last one ended.
Result<ApiResponse> PodLogReader::read(const std::stop_token& stop) {
  plans::LineCutter cutter;
  place_.rewind();
  const auto sink = [&](std::string_view piece) {
    cutter.add(piece);
    while (const auto line = cutter.next()) {
      if (!take(*line)) return false;
    }
    return true;
  };
  Result<ApiResponse> answer =
      streams_.stream(plans::read_log(source_, query_, place_.since()), sink, stop);
  rest_ = cutter.last();
  return answer;
}

/// A line that was not ended; when there is another reading it comes whole with that.
void PodLogReader::take_rest() {
  if (rest_ && !enough_) take(*rest_);
  rest_.reset();
}

bool PodLogReader::take(const std::string& text) {
  const plans::LogLine line = plans::read_log_line(text);
  if (place_.passes(line)) {
    any_ = true;
    enough_ = !show_(line);
  }
  return !enough_;
}

/// What the end of a reading means: the API server ends it in the same way when the container has
/// ended and when it lost the kubelet.
Result<PodLogReader::Next> PodLogReader::look(const ApiResponse& answer, const ApiRequest& request,
                                              const std::stop_token& stop) {
  const bool judged = answer.ok() || answer.status == kBadRequest || answer.status == kNotFound;
  if (!judged) return plans::log_refusal(source_, request, answer);
  const ApiRequest of_pod = plans::read_log_pod(source_);
  DROVER_TRY_ASSIGN(const ApiResponse found, reader_.get(of_pod, stop));
  std::optional<PodDetail> pod;
  if (found.ok()) {
    DROVER_TRY_ASSIGN(pod, parse_pod_detail(found.body));
  } else if (found.status != kNotFound) {
    return refusal(of_pod, found);
  }
  const plans::LogEnd end = plans::judge_log_end(source_, pod ? &*pod : nullptr);
  switch (end.kind) {
    case plans::LogEnd::Over:
      tell_(end.why);
      return Next::End;
    case plans::LogEnd::NotBegun:
      tell_once("waiting for " + end.why);
      return Next::Again;
    case plans::LogEnd::BrokenOff:
      if (!answer.ok()) {
        Error error = plans::log_refusal(source_, request, answer);
        // A kubelet that has just been started answers so until it knows its pods.
        if (answer.status == kNotFound) error.kind = ErrorKind::Unreachable;
        return error;
      }
      // From now on it is this one, and a restart is seen by its id.
      source_.id = pod->find(source_.container)->id;
      return Next::Again;
  }
  return Next::End;
}

void PodLogReader::tell_once(const std::string& text) {
  if (std::exchange(told_, text) != text) tell_(text);
}

}  // namespace drover::orchestrator
