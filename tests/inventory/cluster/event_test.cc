#include "inventory/cluster/event.h"

#include <catch2/catch.hpp>
#include <string>

#include "inventory/cluster/watch_line.h"

namespace drover {
namespace {

const std::string kMetadata =
    R"("metadata":{"name":"w1.1","namespace":"default","uid":"u1","resourceVersion":"7",
                   "creationTimestamp":"2026-08-01T10:00:00Z"})";

ClusterEvent event_of(const std::string& fields) {
  const auto list = parse_event_list(R"({"kind":"EventList","metadata":{"resourceVersion":"99"},
                                         "items":[{)" +
                                     kMetadata + "," + fields + "}]}");
  REQUIRE(list);
  REQUIRE(list->events.size() == 1);
  CHECK(list->resource_version == "99");
  return list->events.front();
}

}  // namespace

TEST_CASE("an event counted by its writer has first, last and count") {
  const ClusterEvent event = event_of(R"("involvedObject":{"kind":"Pod","namespace":"shop",
      "name":"web-1","fieldPath":"spec.containers{app}"},"type":"Warning","reason":"BackOff",
      "message":"Back-off restarting","source":{"component":"kubelet","host":"w1"},
      "reportingComponent":"other","firstTimestamp":"2026-08-01T10:00:00Z",
      "lastTimestamp":"2026-08-01T10:05:00Z","count":12,"eventTime":null)");
  CHECK(event.ns == "default");
  CHECK(event.name == "w1.1");
  CHECK(event.uid == "u1");
  CHECK(event.resource_version == "7");
  CHECK(event.object.kind == "Pod");
  CHECK(event.object.ns == "shop");
  CHECK(event.object.name == "web-1");
  CHECK(event.object.field_path == "spec.containers{app}");
  CHECK(event.is_warning());
  CHECK(event.reason == "BackOff");
  CHECK(event.message == "Back-off restarting");
  CHECK(event.source == "kubelet");
  CHECK(event.first == "2026-08-01T10:00:00Z");
  CHECK(event.last == "2026-08-01T10:05:00Z");
  CHECK(event.count == 12);
}

TEST_CASE("an event of a series takes count and last time from it") {
  const ClusterEvent event = event_of(R"("involvedObject":{"kind":"Pod","name":"web-1"},
      "eventTime":"2026-08-01T10:01:00.123456Z","firstTimestamp":null,"lastTimestamp":null,
      "series":{"count":4,"lastObservedTime":"2026-08-01T10:09:00.000001Z"},
      "reportingComponent":"default-scheduler")");
  CHECK(event.first == "2026-08-01T10:01:00.123456Z");
  CHECK(event.last == "2026-08-01T10:09:00.000001Z");
  CHECK(event.count == 4);
  CHECK(event.source == "default-scheduler");
}

TEST_CASE("an event with eventTime alone, and one without any time") {
  const ClusterEvent alone = event_of(R"("eventTime":"2026-08-01T10:01:00.123456Z")");
  CHECK(alone.first == "2026-08-01T10:01:00.123456Z");
  CHECK(alone.last == alone.first);
  CHECK(alone.count == 1);
  const ClusterEvent none = event_of(R"("eventTime":null)");
  CHECK(none.first == "2026-08-01T10:00:00Z");
  CHECK(none.last == "2026-08-01T10:00:00Z");
}

TEST_CASE("an event as events.k8s.io/v1 prints it is the same") {
  const ClusterEvent event = event_of(R"("regarding":{"kind":"Node","name":"w1"},"note":"gone",
      "reportingController":"node-controller","deprecatedCount":3,
      "deprecatedFirstTimestamp":"2026-08-01T10:00:00Z",
      "deprecatedLastTimestamp":"2026-08-01T10:02:00Z")");
  CHECK(event.object.kind == "Node");
  CHECK(event.object.name == "w1");
  CHECK(event.message == "gone");
  CHECK(event.source == "node-controller");
  CHECK(event.count == 3);
  CHECK(event.last == "2026-08-01T10:02:00Z");
}

TEST_CASE("a list of events that cannot be understood is an error, not an empty one") {
  CHECK_FALSE(parse_event_list("<html>"));
  CHECK_FALSE(parse_event_list(R"({"kind":"Status"})"));
  CHECK(parse_event_list(R"({"kind":"EventList","items":[{"message":7}]})").error().kind ==
        ErrorKind::Api);
}

TEST_CASE("the lines of a watch") {
  const auto added = parse_watch_line(
      R"({"type":"ADDED","object":{"kind":"Event","metadata":{"name":"a","resourceVersion":"8"}}})");
  REQUIRE(added);
  CHECK(added->kind == WatchLine::Kind::Added);
  CHECK(added->resource_version == "8");
  CHECK(read_object(added->object, "Event", read_event)->name == "a");
  const auto mark = parse_watch_line(
      R"({"type":"BOOKMARK","object":{"kind":"Event","metadata":{"resourceVersion":"9"}}})");
  REQUIRE(mark);
  CHECK(mark->kind == WatchLine::Kind::Bookmark);
  CHECK(mark->resource_version == "9");
  const auto gone = parse_watch_line(
      R"({"type":"ERROR","object":{"kind":"Status","code":410,"message":"too old"}})");
  REQUIRE(gone);
  CHECK(gone->expired());
  CHECK(gone->message == "too old");
  for (const char* wrong :
       {"", "{}", "[]", R"({"type":"ADDED"})", R"({"type":"MOVED","object":{}})",
        R"({"type":"ADDED","object":7})", R"({"type":"ADDED","obj)"}) {
    CAPTURE(wrong);
    CHECK_FALSE(parse_watch_line(wrong));
  }
}

}  // namespace drover
