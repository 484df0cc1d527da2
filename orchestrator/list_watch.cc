#include "orchestrator/list_watch.h"

#include <fmt/format.h>

#include <utility>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "orchestrator/patience.h"

namespace drover::orchestrator {
namespace {

constexpr int kGone = 410;
constexpr size_t kLongestLine = size_t{16} << 20;

}  // namespace

Error ListWatch::run(std::stop_token stop) {
  Patience patience(clock_);
  for (;;) {
    const remote::Instant began = clock_.now();
    Status status = version_.empty() ? list(stop) : Status();
    if (status) status = watch(stop);
    if (status) {
      patience.renew();
    } else if (const Status borne = patience.bear(status.error(), began, tell_); !borne) {
      return borne.error();
    }
    if (!clock_.wait_until(began + kBetweenReadings, stop)) return stopped_following();
  }
}

Status ListWatch::list(const std::stop_token& stop) {
  const ApiRequest request = list_.list();
  DROVER_TRY_ASSIGN(const ApiResponse answer, reader_.get(request, stop));
  if (!answer.ok()) return refusal(request, answer);
  DROVER_TRY_ASSIGN(version_, list_.take_list(answer.body));
  return {};
}

Status ListWatch::watch(const std::stop_token& stop) {
  const ApiRequest request = list_.watch(version_);
  std::string rest;
  Status status;
  const auto sink = [&](std::string_view chunk) {
    rest.append(chunk);
    size_t from = 0;
    for (size_t end = 0; status && (end = rest.find('\n', from)) != rest.npos; from = end + 1) {
      status = take(std::string_view(rest).substr(from, end - from));
    }
    rest.erase(0, from);
    if (status && rest.size() > kLongestLine)
      status = Error{.kind = ErrorKind::Api, .message = "a line of the watch is above 16 MiB"};
    return status.has_value() && !version_.empty();
  };
  Result<ApiResponse> answer = streams_.stream(request, sink, stop);
  DROVER_TRY(status);
  // The end of its time is the end of a watch, and no failure.
  if (!answer && answer.error().kind == ErrorKind::Timeout) return {};
  if (!answer) return std::move(answer).error();
  if (answer->ok()) return {};
  if (answer->status == kGone) {
    version_.clear();
    return {};
  }
  return refusal(request, *answer);
}

Status ListWatch::take(std::string_view line) {
  if (trim(line).empty()) return {};
  DROVER_TRY_ASSIGN(const WatchLine read, parse_watch_line(line));
  if (read.expired()) {
    version_.clear();
    return {};
  }
  if (read.kind == WatchLine::Kind::Error)
    return Error{.kind = ErrorKind::Api,
                 .message = fmt::format("the watch of {} ended with {}: {}", list_.what(),
                                        read.code, sanitise(read.message))};
  if (!read.resource_version.empty()) version_ = read.resource_version;
  if (read.kind == WatchLine::Kind::Bookmark) return {};
  return list_.take(read);
}

}  // namespace drover::orchestrator
