#include "inventory/cluster/event.h"

#include <algorithm>
#include <initializer_list>

namespace drover {
namespace {

std::string first_of(std::initializer_list<std::string> texts) {
  for (const std::string& text : texts)
    if (!text.empty()) return text;
  return "";
}

ClusterEvent::Object read_reference(const JsonField& core, const JsonField& newer) {
  const JsonField& object = core.present() ? core : newer;
  return {object["kind"].text(), object["namespace"].text(), object["name"].text(),
          object["fieldPath"].text()};
}

}  // namespace

ClusterEvent read_event(const JsonField& object) {
  ClusterEvent event;
  const JsonField metadata = object["metadata"];
  event.ns = metadata["namespace"].text();
  event.name = metadata["name"].text();
  event.uid = metadata["uid"].text();
  event.resource_version = metadata["resourceVersion"].text();
  event.object = read_reference(object["involvedObject"], object["regarding"]);
  event.type = object["type"].text();
  event.reason = object["reason"].text();
  event.message = first_of({object["message"].text(), object["note"].text()});
  event.source = first_of(
      {object["source"]["component"].text(), object["reportingComponent"].text(),
       object["reportingController"].text(), object["deprecatedSource"]["component"].text()});
  const JsonField series = object["series"];
  const std::string created = metadata["creationTimestamp"].text();
  const std::string noticed = object["eventTime"].text();
  event.first = first_of({object["firstTimestamp"].text(),
                          object["deprecatedFirstTimestamp"].text(), noticed, created});
  event.last = first_of({series["lastObservedTime"].text(), object["lastTimestamp"].text(),
                         object["deprecatedLastTimestamp"].text(), noticed, created});
  const int counted = std::max(object["count"].number(), object["deprecatedCount"].number());
  event.count = std::max({series["count"].number(), counted, 1});
  return event;
}

Result<EventList> parse_event_list(std::string_view json) {
  DROVER_TRY_ASSIGN(const JsonValue whole, parse_json(json, "EventList"));
  std::string problem;
  const JsonField list(&whole, "", &problem);
  EventList read{.resource_version = list["metadata"]["resourceVersion"].text()};
  for (const JsonField& item : list["items"].items()) read.events.push_back(read_event(item));
  if (problem.empty()) return read;
  return Error{.kind = ErrorKind::Api, .message = "EventList: " + problem};
}

}  // namespace drover
