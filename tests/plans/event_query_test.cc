#include "plans/event_query.h"

#include <catch2/catch.hpp>

namespace drover::plans {

TEST_CASE("KIND/NAME as kubectl takes it") {
  struct Row {
    const char* text;
    const char* kind;
    const char* name;
  };
  const auto row = GENERATE(values<Row>({{"pod/web-1", "Pod", "web-1"},
                                         {"Pods/web-1", "Pod", "web-1"},
                                         {"no/w1", "Node", "w1"},
                                         {"deploy/web", "Deployment", "web"},
                                         {"hpa/web", "HorizontalPodAutoscaler", "web"},
                                         {"job/x", "Job", "x"},
                                         {"Certificate/web", "Certificate", "web"}}));
  const auto object = parse_object_name(row.text);
  REQUIRE(object);
  CHECK(object->kind == row.kind);
  CHECK(object->name == row.name);
  for (const char* wrong : {"", "pod", "pod/", "/web", "pod/a/b", "pod/a,b", "pod/a=b", "p d/a"}) {
    CAPTURE(wrong);
    REQUIRE_FALSE(parse_object_name(wrong));
    CHECK(parse_object_name(wrong).error().kind == ErrorKind::Usage);
  }
}

TEST_CASE("what is asked of the API for events") {
  CHECK(list_events({}).path == "/api/v1/events");
  CHECK(list_events({.ns = "shop"}).path == "/api/v1/namespaces/shop/events");
  CHECK(list_events({.object_kind = "Node", .object_name = "w1", .warnings = true}).path ==
        "/api/v1/events?fieldSelector=involvedObject.kind%3DNode%2CinvolvedObject.name%3Dw1"
        "%2Ctype%21%3DNormal");
  CHECK(list_events({.warnings = true, .labels = "a=b", .fields = "reason=Evicted"}).path ==
        "/api/v1/events?fieldSelector=type%21%3DNormal%2Creason%3DEvicted&labelSelector=a%3Db");
  const ApiRequest watch = watch_events({.warnings = true}, "12");
  CHECK(watch.path ==
        "/api/v1/events?watch=1&allowWatchBookmarks=true&resourceVersion=12&timeoutSeconds=300"
        "&fieldSelector=type%21%3DNormal");
  CHECK(watch.timeout > std::chrono::seconds(300));
}

TEST_CASE("events are sorted by when they were seen last") {
  std::vector<ClusterEvent> events(4);
  events[0].last = "2026-08-01T10:00:02Z";
  events[1].last = "2026-08-01T10:00:01.900000Z";
  events[2].last = "";
  events[3].last = "2026-08-01T12:00:00+02:00";
  for (size_t i = 0; i < events.size(); ++i) events[i].name = std::to_string(i);
  sort_events(events);
  std::string order;
  for (const ClusterEvent& event : events) order += event.name;
  CHECK(order == "2310");
}

}  // namespace drover::plans
