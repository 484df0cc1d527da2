#include "orchestrator/event_watch.h"

#include <catch2/catch.hpp>
#include <deque>
#include <variant>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

std::string event(const std::string& uid, const std::string& version) {
  return R"({"kind":"Event","metadata":{"name":"e","uid":")" + uid + R"(","resourceVersion":")" +
         version + R"("},"reason":")" + uid + "@" + version + R"("})";
}

std::string event_line_of(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

std::string event_list(const std::string& version, const std::vector<std::string>& events) {
  std::string items;
  for (const std::string& each : events) items += (items.empty() ? "" : ",") + each;
  return R"({"kind":"EventList","metadata":{"resourceVersion":")" + version + R"("},"items":[)" +
         items + "]}";
}

Error unreachable() { return {.kind = ErrorKind::Unreachable, .message = "away"}; }

/// Answers in turn; when none is left, Ctrl-C comes.
class EventWatchWorld final : public remote::ApiStreams {
 public:
  using Chunks = std::vector<std::string>;
  using Watched = std::variant<Chunks, ApiResponse, Error>;

  Result<ApiResponse> stream(const ApiRequest& request, const remote::StreamSink& sink,
                             std::stop_token) override {
    const size_t at = request.path.find("resourceVersion=") + 16;
    asked += "watch " + request.path.substr(at, request.path.find('&', at) - at) + "; ";
    if (watches.empty()) {
      stop.request_stop();
      return Error{.kind = ErrorKind::Cancelled, .message = "stopped"};
    }
    const Watched next = watches.front();
    watches.pop_front();
    if (const auto* response = std::get_if<ApiResponse>(&next)) return *response;
    if (const auto* error = std::get_if<Error>(&next)) return *error;
    for (const std::string& chunk : std::get<Chunks>(next))
      if (!sink(chunk)) break;
    return ApiResponse{.status = 200};
  }

  Error run() {
    api.on_get = [this](const ApiRequest&) -> Result<ApiResponse> {
      asked += "list; ";
      if (lists.empty()) return unreachable();
      const std::string body = lists.front();
      lists.pop_front();
      return ApiResponse{.status = 200, .body = body};
    };
    EventWatch watch(
        api, *this, clock, {}, [this](const ClusterEvent& e) { shown += e.reason + ' '; },
        [this](const std::string& text) { told.push_back(text); });
    return watch.run(stop.get_token());
  }

  test::FakeApi api;
  test::FakeClock clock;
  std::stop_source stop;
  std::deque<std::string> lists;
  std::deque<Watched> watches;
  std::string asked, shown;
  std::vector<std::string> told;
};

}  // namespace

TEST_CASE("a watch goes on from the list's version, and from the last one seen") {
  EventWatchWorld world;
  world.lists = {event_list("10", {event("a", "3")})};
  const std::string more =
      event_line_of("ADDED", event("b", "11")) + event_line_of("MODIFIED", event("a", "12"));
  world.watches = {
      EventWatchWorld::Chunks{more.substr(0, 20), more.substr(20, 90), more.substr(110)},
      EventWatchWorld::Chunks{event_line_of("BOOKMARK", event("", "40"))},
      EventWatchWorld::Chunks{event_line_of("DELETED", event("b", "41"))}};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "a@3 b@11 a@12 ");
  CHECK(world.asked == "list; watch 10; watch 12; watch 40; watch 41; ");
  CHECK(world.told.empty());
}

TEST_CASE("a version that is gone means a new list, of which only what is new is shown") {
  const auto gone = GENERATE(values<EventWatchWorld::Watched>(
      {EventWatchWorld::Chunks{
           event_line_of("ERROR", R"({"kind":"Status","code":410,"message":"too old"})"),
           "what comes after it is not read"},
       ApiResponse{.status = 410, .body = "{}"}}));
  EventWatchWorld world;
  world.lists = {event_list("10", {event("a", "3")}),
                 event_list("20", {event("a", "3"), event("b", "15")})};
  world.watches = {gone};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "a@3 b@15 ");
  CHECK(world.asked == "list; watch 10; list; watch 20; ");
}

TEST_CASE("an API that is away is asked again, and given up after five minutes") {
  EventWatchWorld world;
  world.lists = {event_list("10", {})};
  world.watches = {unreachable(), ApiResponse{.status = 503, .body = "later"},
                   EventWatchWorld::Chunks{event_line_of("ADDED", event("b", "11"))}};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "b@11 ");
  CHECK(world.told == std::vector<std::string>{"away; trying again"});

  EventWatchWorld never;
  const auto began = never.clock.now();
  CHECK(never.run().kind == ErrorKind::Unreachable);
  CHECK(never.clock.now() - began >= minutes(5));
  CHECK(never.clock.now() - began < minutes(5) + seconds(5));
}

TEST_CASE("what the API refuses, or nobody can read, ends the watch") {
  EventWatchWorld denied;
  denied.lists = {event_list("10", {})};
  denied.watches = {ApiResponse{.status = 403, .body = "no"}};
  const Error error = denied.run();
  CHECK(error.kind == ErrorKind::Api);
  CHECK(error.remedy.find("verbs [\"watch\"]") != std::string::npos);
  for (const std::string& wrong :
       {std::string("<html>\n"), event_line_of("ERROR", R"({"code":500,"message":"etcd"})")}) {
    EventWatchWorld world;
    world.lists = {event_list("10", {})};
    world.watches = {EventWatchWorld::Chunks{wrong}};
    CHECK(world.run().kind == ErrorKind::Api);
  }
}

TEST_CASE("watches that end at once are not begun again in haste") {
  EventWatchWorld world;
  world.lists = {event_list("10", {})};
  for (int i = 0; i < 5; ++i) world.watches.push_back(EventWatchWorld::Chunks{});
  const auto began = world.clock.now();
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.clock.now() - began >= seconds(5));
}

}  // namespace drover::orchestrator
