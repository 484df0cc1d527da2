#include "orchestrator/ui/events_text.h"

#include <catch2/catch.hpp>

#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

std::vector<ClusterEvent> sample() {
  ClusterEvent node;
  node.ns = "default";
  node.object = {"Node", "", "w1", ""};
  node.type = "Normal";
  node.reason = "NodeReady";
  node.message = "Node w1 status is now: NodeReady";
  node.source = "kubelet";
  node.first = node.last = "2026-08-01T09:00:00Z";
  ClusterEvent pod;
  pod.ns = "shop";
  pod.object = {"Pod", "shop", "web-1", "spec.containers{app}"};
  pod.type = "Warning";
  pod.reason = "BackOff";
  // Whoever may write events may write anything into them.
  pod.message = "Back-off \x1b[31mrestarting\nfailed\tcontainer \xff";
  pod.source = "kubelet";
  pod.first = "2026-08-01T09:50:00Z";
  pod.last = "2026-08-01T09:59:15Z";
  pod.count = 12;
  return {node, pod};
}

const plans::Timestamp kNow = *plans::parse_timestamp("2026-08-01T10:00:00Z");

}  // namespace

TEST_CASE("ages as kubectl shortens them") {
  CHECK(age_text(seconds(-5)) == "0s");
  CHECK(age_text(seconds(119)) == "119s");
  CHECK(age_text(seconds(120)) == "2m");
  CHECK(age_text(seconds(192)) == "3m12s");
  CHECK(age_text(seconds(600)) == "10m");
  CHECK(age_text(seconds(3 * 3600 - 1)) == "179m");
  CHECK(age_text(seconds(4 * 3600 + 1800)) == "4h30m");
  CHECK(age_text(seconds(8 * 3600)) == "8h");
  CHECK(age_text(seconds(47 * 3600)) == "47h");
  CHECK(age_text(seconds(74 * 3600)) == "3d2h");
  CHECK(age_text(seconds(12 * 86400)) == "12d");
}

TEST_CASE("events as a table, as lines of a watch, and for programs (S13)") {
  const auto listed = [](const std::vector<ClusterEvent>& events, OutputFormat format) {
    return list_text(events_list(kNow), events, {.format = format, .cluster = "prod"});
  };
  const auto watched = [](OutputFormat format) {
    std::string lines;
    for (const ClusterEvent& event : sample())
      lines += event_text(event, {.format = format, .cluster = "prod"});
    return lines;
  };
  test::check_golden("ui/events.txt", listed(sample(), OutputFormat::Text));
  test::check_golden("ui/events_wide.txt", listed(sample(), OutputFormat::Wide));
  test::check_golden("ui/events_none.txt", listed({}, OutputFormat::Text));
  test::check_golden("ui/events_watch.txt", watched(OutputFormat::Text));
  test::check_golden("ui/events_watch_wide.txt", watched(OutputFormat::Wide));
  test::check_golden("ui/events_watch.yaml", watched(OutputFormat::Yaml));
  test::check_golden(
      "ui/events_list.jsonl",
      listed(sample(), OutputFormat::Json) +
          event_text(sample()[1], {.format = OutputFormat::Json, .cluster = "prod"}));
  test::check_golden("ui/events.yaml", listed(sample(), OutputFormat::Yaml));
}

TEST_CASE("no byte of an event reaches the terminal as it is (S13)") {
  const auto format =
      GENERATE(OutputFormat::Text, OutputFormat::Wide, OutputFormat::Json, OutputFormat::Yaml);
  ClusterEvent event;
  const std::string evil = "\x1b]0;x\x07\r\x9b";
  event.ns = event.type = event.reason = event.message = event.source = event.last = evil;
  event.object = {evil, evil, evil, evil};
  for (const std::string& text : {list_text(events_list(kNow), {event}, {.format = format}),
                                  event_text(event, {.format = format})}) {
    CHECK(text.find_first_of("\x1b\x07\r\x9b") == std::string::npos);
  }
}

}  // namespace drover::orchestrator
