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

std::string line(const std::string& type, const std::string& object) {
  return R"({"type":")" + type + R"(","object":)" + object + "}\n";
}

std::string list(const std::string& version, const std::vector<std::string>& events) {
  std::string items;
  for (const std::string& each : events) items += (items.empty() ? "" : ",") + each;
  return R"({"kind":"EventList","metadata":{"resourceVersion":")" + version + R"("},"items":[)" +
         items + "]}";
}

Error unreachable() { return {.kind = ErrorKind::Unreachable, .message = "away"}; }

/// Answers in turn; when none is left, Ctrl-C comes.
class World final : public remote::ApiStreams {
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
  World world;
  world.lists = {list("10", {event("a", "3")})};
  const std::string more = line("ADDED", event("b", "11")) + line("MODIFIED", event("a", "12"));
  world.watches = {World::Chunks{more.substr(0, 20), more.substr(20, 90), more.substr(110)},
                   World::Chunks{line("BOOKMARK", event("", "40"))},
                   World::Chunks{line("DELETED", event("b", "41"))}};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "a@3 b@11 a@12 ");
  CHECK(world.asked == "list; watch 10; watch 12; watch 40; watch 41; ");
  CHECK(world.told.empty());
}

TEST_CASE("a version that is gone means a new list, of which only what is new is shown") {
  const auto gone = GENERATE(values<World::Watched>(
      {World::Chunks{line("ERROR", R"({"kind":"Status","code":410,"message":"too old"})"),
                     "what comes after it is not read"},
       ApiResponse{.status = 410, .body = "{}"}}));
  World world;
  world.lists = {list("10", {event("a", "3")}), list("20", {event("a", "3"), event("b", "15")})};
  world.watches = {gone};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "a@3 b@15 ");
  CHECK(world.asked == "list; watch 10; list; watch 20; ");
}

TEST_CASE("an API that is away is asked again, and given up after five minutes") {
  World world;
  world.lists = {list("10", {})};
  world.watches = {unreachable(), ApiResponse{.status = 503, .body = "later"},
                   World::Chunks{line("ADDED", event("b", "11"))}};
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.shown == "b@11 ");
  CHECK(world.told == std::vector<std::string>{"away; trying again"});

  World never;
  const auto began = never.clock.now();
  CHECK(never.run().kind == ErrorKind::Unreachable);
  CHECK(never.clock.now() - began >= minutes(5));
  CHECK(never.clock.now() - began < minutes(5) + seconds(5));
}

TEST_CASE("what the API refuses, or nobody can read, ends the watch") {
  World denied;
  denied.lists = {list("10", {})};
  denied.watches = {ApiResponse{.status = 403, .body = "no"}};
  const Error error = denied.run();
  CHECK(error.kind == ErrorKind::Api);
  CHECK(error.remedy.find("verbs [\"watch\"]") != std::string::npos);
  for (const std::string& wrong :
       {std::string("<html>\n"), line("ERROR", R"({"code":500,"message":"etcd"})")}) {
    World world;
    world.lists = {list("10", {})};
    world.watches = {World::Chunks{wrong}};
    CHECK(world.run().kind == ErrorKind::Api);
  }
}

TEST_CASE("watches that end at once are not begun again in haste") {
  World world;
  world.lists = {list("10", {})};
  for (int i = 0; i < 5; ++i) world.watches.push_back(World::Chunks{});
  const auto began = world.clock.now();
  CHECK(world.run().kind == ErrorKind::Cancelled);
  CHECK(world.clock.now() - began >= seconds(5));
}

}  // namespace drover::orchestrator
