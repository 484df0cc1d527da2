#include "orchestrator/event_watch.h"

#include <fmt/format.h>

#include <utility>

#include "inventory/base/text.h"
#include "inventory/cluster/api_refusal.h"
#include "inventory/cluster/watch_line.h"
#include "orchestrator/patience.h"

namespace drover::orchestrator {
namespace {

constexpr int kGone = 410;
constexpr size_t kLongestLine = size_t{16} << 20;

}  // namespace

Error EventWatch::run(std::stop_token stop) {
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

Status EventWatch::list(const std::stop_token& stop) {
  const ApiRequest request = plans::list_events(query_);
  DROVER_TRY_ASSIGN(const ApiResponse answer, reader_.get(request, stop));
  if (!answer.ok()) return refusal(request, answer);
  DROVER_TRY_ASSIGN(EventList read, parse_event_list(answer.body));
  plans::sort_events(read.events);
  std::map<std::string, std::string> there;
  for (const ClusterEvent& event : read.events) {
    show_once(event);
    there[event.uid] = event.resource_version;
  }
  shown_ = std::move(there);  // what has gone is not kept in mind for ever
  version_ = read.resource_version;
  return {};
}

Status EventWatch::watch(const std::stop_token& stop) {
  const ApiRequest request = plans::watch_events(query_, version_);
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

Status EventWatch::take(std::string_view line) {
  if (trim(line).empty()) return {};
  DROVER_TRY_ASSIGN(const WatchLine read, parse_watch_line(line));
  if (read.expired()) {
    version_.clear();
    return {};
  }
  if (read.kind == WatchLine::Kind::Error)
    return Error{.kind = ErrorKind::Api,
                 .message = fmt::format("the watch of events ended with {}: {}", read.code,
                                        sanitise(read.message))};
  if (!read.resource_version.empty()) version_ = read.resource_version;
  if (read.kind == WatchLine::Kind::Bookmark) return {};
  DROVER_TRY_ASSIGN(const ClusterEvent event, read_object(read.object, "Event", read_event));
  if (read.kind == WatchLine::Kind::Deleted) {
    shown_.erase(event.uid);
    return {};
  }
  show_once(event);
  return {};
}

void EventWatch::show_once(const ClusterEvent& event) {
  std::string& shown = shown_[event.uid];
  if (shown == event.resource_version && !shown.empty()) return;
  shown = event.resource_version;
  show_(event);
}

}  // namespace drover::orchestrator
