#include "orchestrator/autoscaler_watch.h"

#include <catch2/catch.hpp>

namespace drover::orchestrator {
namespace {

std::string hpa(const std::string& uid, const std::string& version) {
  return R"({"metadata":{"name":")" + uid + R"(","uid":")" + uid + R"(","resourceVersion":")" +
         version + R"("},"spec":{"maxReplicas":3}})";
}

std::string list(const std::string& version, const std::string& items) {
  return R"({"kind":"HorizontalPodAutoscalerList","metadata":{"resourceVersion":")" + version +
         R"("},"items":[)" + items + "]}";
}

WatchLine line(const std::string& type, const std::string& object) {
  return *parse_watch_line(R"({"type":")" + type + R"(","object":)" + object + "}");
}

}  // namespace

TEST_CASE("each version of an autoscaler is shown once, and what goes, also unwatched") {
  std::string shown;
  AutoscalerWatch watch({}, [&](const Autoscaler& each, bool gone) {
    shown += each.name + (gone ? " gone; " : "@" + each.resource_version + "; ");
  });
  CHECK(*watch.take_list(list("9", hpa("a", "1") + "," + hpa("b", "2"))) == "9");
  REQUIRE(watch.take(line("MODIFIED", hpa("a", "3"))));
  REQUIRE(watch.take(line("MODIFIED", hpa("a", "3"))));
  CHECK(shown == "a@1; b@2; a@3; ");
  shown.clear();
  CHECK(*watch.take_list(list("12", hpa("a", "3") + "," + hpa("c", "11"))) == "12");
  CHECK(shown == "b gone; c@11; ");
  shown.clear();
  REQUIRE(watch.take(line("DELETED", hpa("a", "13"))));
  CHECK(shown == "a gone; ");
  CHECK_FALSE(watch.take(line("ADDED", R"({"metadata":{}})")));
}

TEST_CASE("autoscalers are asked for as the operator said") {
  const AutoscalerWatch watch({.ns = "shop"}, {});
  CHECK(watch.list().path == plans::list_autoscalers({.ns = "shop"}).path);
  CHECK(watch.watch("7").path.find("resourceVersion=7&") != std::string::npos);
}

}  // namespace drover::orchestrator
