#include "orchestrator/logs/pod_log_reader.h"

#include <catch2/catch.hpp>
#include <deque>
#include <variant>
#include <vector>

#include "tests/support/fake_clock.h"
#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

using std::chrono::minutes;

std::string line(int second, const std::string& text) {
  return "2026-11-28T08:00:0" + std::to_string(second) + ".5Z " + text + '\n';
}

std::string logging_pod(const std::string& state, const std::string& id = "id-1",
                        const std::string& uid = "u-1") {
  return R"({"kind":"Pod","metadata":{"namespace":"shop","name":"web","uid":")" + uid +
         R"("},"spec":{"nodeName":"w1","containers":[{"name":"app"}]},)" +
         R"("status":{"containerStatuses":[{"name":"app","containerID":")" + id + R"(","state":{)" +
         state + "}}]}}";
}
const std::string kRunning = R"("running":{"startedAt":"2026-11-28T07:00:00Z"})";
const std::string kEnded = R"("terminated":{"exitCode":1,"reason":"Error"})";

Error no_connection() { return {.kind = ErrorKind::Unreachable, .message = "away"}; }

/// Readings and looks at the pod, answered in turn; when none is left, Ctrl-C comes.
class PodLogReaderWorld final : public remote::ApiStreams {
 public:
  using Chunks = std::vector<std::string>;
  struct Broken {  // off amid it
    Chunks chunks;
    Error error;
  };
  using Reading = std::variant<Chunks, Broken, ApiResponse, Error>;

  Result<ApiResponse> stream(const ApiRequest& request, const remote::StreamSink& sink,
                             std::stop_token) override {
    const size_t at = request.path.find("sinceTime=");
    asked += at == request.path.npos ? "all; " : request.path.substr(at + 10) + "; ";
    if (readings.empty()) {
      stop.request_stop();
      return Error{.kind = ErrorKind::Cancelled, .message = "stopped"};
    }
    const Reading next = readings.front();
    readings.pop_front();
    if (const auto* response = std::get_if<ApiResponse>(&next)) return *response;
    if (const auto* error = std::get_if<Error>(&next)) return *error;
    const auto* broken = std::get_if<Broken>(&next);
    for (const std::string& chunk : broken != nullptr ? broken->chunks : std::get<Chunks>(next))
      if (!sink(chunk)) break;
    if (broken != nullptr) return broken->error;
    return ApiResponse{.status = 200};
  }

  PodLogReader reader(bool follow) {
    api.on_get = [this](const ApiRequest& request) -> Result<ApiResponse> {
      asked += "pod; ";
      CHECK(request.path == "/api/v1/namespaces/shop/pods/web");
      if (pods.empty()) return ApiResponse{.status = 404, .body = "{}"};
      const std::string body = pods.front();
      pods.pop_front();
      return ApiResponse{.status = 200, .body = body};
    };
    return {api,
            *this,
            clock,
            {.ns = "shop", .pod = "web", .uid = "u-1", .container = "app", .id = id, .node = "w1"},
            {.follow = follow},
            [this](const plans::LogLine& one) {
              shown += one.text + ' ';
              return shown.size() < enough;
            },
            [this](const std::string& text) { told.push_back(text); }};
  }
  Status follow() { return reader(true).follow(stop.get_token()); }
  Status show() { return reader(false).show(stop.get_token()); }

  test::FakeApi api;
  test::FakeClock clock;
  std::stop_source stop;
  std::string id = "id-1";
  std::deque<Reading> readings;
  std::deque<std::string> pods;
  std::string asked, shown;
  size_t enough = 1000;
  std::vector<std::string> told;
};

using Told = std::vector<std::string>;

}  // namespace

TEST_CASE("a log is shown to its end, its last line too when nothing ends that") {
  PodLogReaderWorld world;
  world.readings = {
      PodLogReaderWorld::Chunks{line(1, "a").substr(0, 10), line(1, "a").substr(10), "b"}};
  CHECK(world.show());
  CHECK(world.shown == "a b ");
  CHECK(world.asked == "all; ");
  CHECK(world.told.empty());
  PodLogReaderWorld empty;
  empty.readings = {PodLogReaderWorld::Chunks{}};
  CHECK(empty.show());
  CHECK(empty.told == Told{"container app of pod shop/web has written nothing"});
  PodLogReaderWorld half;
  half.readings = {PodLogReaderWorld::Broken{{line(1, "a"), "b"}, no_connection()}};
  const Status status = half.show();
  REQUIRE_FALSE(status);
  CHECK(status.error().kind == ErrorKind::Unreachable);
  CHECK(half.shown == "a b ");
}

TEST_CASE("what the API refuses is said, with what to do") {
  PodLogReaderWorld world;
  world.readings = {ApiResponse{.status = 403, .body = "no"}};
  CHECK(world.show().error().remedy.find("pods/log") != std::string::npos);
  PodLogReaderWorld follows;
  follows.readings = {ApiResponse{.status = 403, .body = "no"}};
  CHECK(follows.follow().error().kind == ErrorKind::Api);
}

TEST_CASE("a log that is followed ends with its container") {
  PodLogReaderWorld world;
  world.readings = {PodLogReaderWorld::Chunks{line(1, "a"), "2026-11-28T08:00:02.5Z last words"}};
  world.pods = {logging_pod(kEnded)};
  CHECK(world.follow());
  CHECK(world.shown == "a last words ");
  CHECK(world.told == Told{"container app ended with exit code 1 (Error)"});
  PodLogReaderWorld gone;
  gone.readings = {PodLogReaderWorld::Chunks{}};
  CHECK(gone.follow());
  CHECK(gone.told == Told{"pod shop/web is gone"});
}

TEST_CASE("a reading that is broken off is gone on with, and no line is lost or comes twice") {
  PodLogReaderWorld world;
  world.readings = {
      PodLogReaderWorld::Chunks{line(1, "a"), line(2, "b"),
                                line(3, "cut").substr(0, 20)},  // the kubelet left
      PodLogReaderWorld::Broken{{line(2, "b"), line(3, "cut"), line(3, "d")}, no_connection()},
      Error{.kind = ErrorKind::Timeout, .message = "its time has passed"},
      PodLogReaderWorld::Chunks{line(3, "cut"), line(3, "d"), line(4, "e")}};
  world.pods = {logging_pod(kRunning), logging_pod(kEnded)};
  CHECK(world.follow());
  CHECK(world.shown == "a b cut d e ");
  CHECK(world.asked ==
        "all; pod; 2026-11-28T08%3A00%3A02Z; 2026-11-28T08%3A00%3A03Z; 2026-11-28T08%3A00%3A03Z; "
        "pod; ");
  CHECK(world.told == Told{"away; trying again", "container app ended with exit code 1 (Error)"});
}

TEST_CASE("a container that was started again is another one, whose log is not gone on with") {
  PodLogReaderWorld world;
  world.readings = {PodLogReaderWorld::Chunks{line(1, "a")}};
  world.pods = {logging_pod(kRunning, "id-2")};
  CHECK(world.follow());
  CHECK(world.told == Told{"container app has ended, and was started again"});
}

TEST_CASE("a container that is still to be started is waited for, and said once") {
  PodLogReaderWorld world;
  world.id.clear();
  const ApiResponse early{.status = 400, .body = R"({"message":"is waiting to start"})"};
  world.readings = {early, early, PodLogReaderWorld::Chunks{line(1, "a")}};
  const std::string waits = R"("waiting":{"reason":"ContainerCreating"})";
  world.pods = {logging_pod(waits, ""), logging_pod(waits, ""), logging_pod(kEnded)};
  CHECK(world.follow());
  CHECK(world.shown == "a ");
  CHECK(world.told == Told{"waiting for container app of pod shop/web: ContainerCreating",
                           "container app ended with exit code 1 (Error)"});
}

TEST_CASE("a kubelet that does not know its pods yet, right after its start, is asked again") {
  PodLogReaderWorld world;
  world.readings = {PodLogReaderWorld::Chunks{line(1, "a")},
                    ApiResponse{.status = 404, .body = "no"},
                    PodLogReaderWorld::Chunks{line(2, "b")}};
  world.pods = {logging_pod(kRunning), logging_pod(kRunning), logging_pod(kEnded)};
  CHECK(world.follow());
  CHECK(world.shown == "a b ");
  CHECK(world.told.front().find("trying again") != std::string::npos);
}

TEST_CASE("an API that refuses a container that runs is believed") {
  PodLogReaderWorld world;
  world.readings = {ApiResponse{.status = 400, .body = "wrong"}};
  world.pods = {logging_pod(kRunning)};
  CHECK(world.follow().error().kind == ErrorKind::Api);
}

TEST_CASE("a way that stays lost is given up after five minutes; Ctrl-C ends at once") {
  PodLogReaderWorld world;
  for (int i = 0; i < 400; ++i) world.readings.push_back(no_connection());
  const auto began = world.clock.now();
  CHECK(world.follow().error().kind == ErrorKind::Unreachable);
  CHECK(world.clock.now() - began >= minutes(5));
  CHECK(world.clock.now() - began < minutes(6));
  CHECK(world.told == Told{"away; trying again"});
  PodLogReaderWorld stopped;
  CHECK(stopped.follow().error().kind == ErrorKind::Cancelled);
}

TEST_CASE("who reads no more ends it") {
  PodLogReaderWorld world;
  world.enough = 3;
  world.readings = {PodLogReaderWorld::Chunks{line(1, "a"), line(2, "b"), line(3, "c")}};
  CHECK(world.follow());
  CHECK(world.shown == "a b ");
}

}  // namespace drover::orchestrator
