#include "orchestrator/event_watch.h"

#include <utility>

namespace drover::orchestrator {

Error EventWatch::run(std::stop_token stop) {
  ListWatch watch(reader_, streams_, clock_, *this, tell_);
  return watch.run(std::move(stop));
}

Result<std::string> EventWatch::take_list(std::string_view body) {
  DROVER_TRY_ASSIGN(EventList read, parse_event_list(body));
  plans::sort_events(read.events);
  std::map<std::string, std::string> there;
  for (const ClusterEvent& event : read.events) {
    show_once(event);
    there[event.uid] = event.resource_version;
  }
  shown_ = std::move(there);  // what has gone is not kept in mind for ever
  return std::move(read.resource_version);
}

Status EventWatch::take(const WatchLine& line) {
  DROVER_TRY_ASSIGN(const ClusterEvent event, read_object(line.object, "Event", read_event));
  if (line.kind == WatchLine::Kind::Deleted) {
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
