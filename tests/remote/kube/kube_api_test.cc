#include "remote/kube/kube_api.h"

#include <fmt/format.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>
#include <vector>

#include "tests/remote/kube/http_fixture.h"
#include "tests/support/api_server.h"
#include "tests/support/tls_peer.h"

using namespace drover;
using namespace drover::remote;
using drover::test::ApiServer;
using drover::test::Reply;
using drover::test::SeenRequest;
using drover::test::TlsPeer;
using std::chrono::seconds;
using Json = nlohmann::json;
using Then = TlsPeer::Then;

namespace {

const std::string kKubeApiOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

// Gives its answers in turn, the last one for ever.
struct Sockets final : ChannelSource {
  explicit Sockets(std::vector<Result<std::string>> paths) : answers(std::move(paths)) {}

  Result<ApiRoute> route(const std::set<std::string>&, Instant, std::stop_token) override {
    const auto& answer = answers[std::min(asked++, answers.size() - 1)];
    if (!answer) return answer.error();
    return ApiRoute{"cp1", "cp1", *answer, settings, nullptr};
  }
  size_t ways() const override { return 1; }
  std::string trouble(const ApiRoute&) override { return reason; }
  std::string remedy(const ApiRoute& route, ErrorKind kind) override {
    return fmt::format("look at {}{}", route.host,
                       kind == ErrorKind::Authentication ? ", and renew" : "");
  }

  std::shared_ptr<const HttpSettings> settings =
      std::make_shared<const HttpSettings>(test_settings());
  std::vector<Result<std::string>> answers;
  size_t asked = 0;
  std::string reason;
};

// Time that passes only by waiting.
struct SteppedClock final : Clock {
  Instant now() override { return time; }
  WallTime wall() override { return {}; }
  Instant boot() override { return time; }
  bool wait_until(Instant deadline, std::stop_token stop) override {
    waits.push_back(std::chrono::duration_cast<seconds>(deadline - time));
    time = deadline;
    return !stop.stop_requested();
  }

  Instant time{};
  std::vector<seconds> waits;
};

ApiRequest request(Verb verb, const std::string& path, const std::string& body = {}) {
  return {verb, path, body, seconds(10)};
}

const ApiRequest kGetNode = request(Verb::Get, "/api/v1/nodes/w1");
const ApiRequest kCordon =
    request(Verb::Patch, "/api/v1/nodes/w1?fieldManager=drover", R"({"spec":{}})");

struct KubeApiApi {
  explicit KubeApiApi(std::vector<Result<std::string>> paths) : sockets(std::move(paths)) {}

  Sockets sockets;
  SteppedClock clock;
  KubeApi kube{sockets, clock};
};

Error ssh_failure() {
  Error error;
  error.kind = ErrorKind::HostKey;
  error.message = "cp1 (192.0.2.11): its host key has changed";
  return error;
}

}  // namespace

TEST_CASE("requests go out with the content type of their verb") {
  ApiServer server([](const SeenRequest&) { return Reply{200, "{}"}; });
  KubeApiApi api({server.socket_path()});
  REQUIRE(api.kube.get(kGetNode, {}));
  for (const Verb verb : {Verb::Post, Verb::Put, Verb::Patch, Verb::Delete}) {
    REQUIRE(api.kube.send(request(verb, "/api/v1/nodes/w1", "{}"), {}));
    const SeenRequest seen = server.seen().back();
    CHECK(seen.method == verb_name(verb));
    CHECK(seen.body == "{}");
    CHECK(seen.header("Content-Type") ==
          (verb == Verb::Patch ? "application/merge-patch+json" : "application/json"));
  }
  REQUIRE(api.kube.send(request(Verb::Delete, "/api/v1/namespaces/a/pods/b"), {}));
  CHECK(server.seen().size() == 6);
}

TEST_CASE("S2: reading cannot change anything, and what changes nothing is not sent") {
  ApiServer server([](const SeenRequest&) { return Reply{200, "{}"}; });
  KubeApiApi api({server.socket_path()});
  const Result<ApiResponse> wrong[] = {api.kube.get(kCordon, {}), api.kube.send(kGetNode, {}),
                                       api.kube.send(request(Verb::Patch, "/api/v1/nodes/w1"), {})};
  for (const auto& result : wrong) {
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Internal);
  }
  CHECK(server.seen().empty());
  CHECK(api.sockets.asked == 0);
}

TEST_CASE("a list of 1,200 nodes comes whole, three requests long") {
  ApiServer server([](const SeenRequest& seen) {
    const size_t mark = seen.target.find("continue=");
    const int first = mark == std::string::npos ? 0 : std::atoi(seen.target.c_str() + mark + 9);
    Json list = {{"kind", "NodeList"}, {"items", Json::array()}};
    for (int i = first; i < std::min(first + 500, 1200); ++i)
      list["items"].push_back({{"metadata", {{"name", fmt::format("w{}", i)}}}});
    if (first + 500 < 1200) list["metadata"]["continue"] = std::to_string(first + 500);
    return Reply{200, list.dump()};
  });
  KubeApiApi api({server.socket_path()});
  const auto response = api.kube.get(request(Verb::Get, "/api/v1/nodes"), {});
  REQUIRE(response);
  const Json items = Json::parse(response->body)["items"];
  REQUIRE(items.size() == 1200);
  for (size_t i = 0; i < items.size(); ++i)
    REQUIRE(items[i]["metadata"]["name"] == fmt::format("w{}", i));
  CHECK(server.seen().size() == 3);
}

TEST_CASE("reading is repeated once over a channel dialled again") {
  TlsPeer lost([](int, int, const std::string&) {
    return TlsPeer::Answer{"HTTP/1.1 2", Then::Cut};
  });
  TlsPeer alive([](int, int, const std::string&) {
    return TlsPeer::Answer{kKubeApiOk, Then::KeepOpen};
  });
  SECTION("and the answer of the second time counts") {
    KubeApiApi api({lost.socket_path(), alive.socket_path()});
    REQUIRE(api.kube.get(kGetNode, {}));
    CHECK(lost.requests() == 1);
    CHECK(alive.requests() == 1);
  }
  SECTION("and not more than once") {
    KubeApiApi api({lost.socket_path()});
    api.sockets.reason = "administratively prohibited";
    const auto response = api.kube.get(kGetNode, {});
    REQUIRE_FALSE(response);
    CHECK(lost.requests() == 2);
    CHECK(response.error().kind == ErrorKind::Unreachable);
    CHECK(response.error().host == "cp1");
    CHECK_THAT(
        response.error().message,
        Catch::StartsWith("cp1: Kubernetes API, GET /api/v1/nodes/w1: the connection broke") &&
            Catch::EndsWith(" (SSH: administratively prohibited)"));
    CHECK_THAT(response.error().remedy, Catch::Contains("cp1"));
  }
  SECTION("but what SSH says to the dialling stands as it is") {
    KubeApiApi api({lost.socket_path(), ssh_failure()});
    const auto response = api.kube.get(kGetNode, {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::HostKey);
    CHECK(response.error().message == ssh_failure().message);
    CHECK(lost.requests() == 1);
  }
}

TEST_CASE("S4: a mutating request is sent once, whatever comes of it") {
  TlsPeer lost([](int, int, const std::string&) { return TlsPeer::Answer{"", Then::Cut}; });
  SECTION("a broken connection leaves it unknown") {
    KubeApiApi api({lost.socket_path()});
    const auto response = api.kube.send(kCordon, {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::Unknown);
    CHECK(response.error().host == "cp1");
    CHECK_THAT(
        response.error().message,
        Catch::StartsWith("cp1: Kubernetes API, PATCH /api/v1/nodes/w1: the request was sent"));
    CHECK_FALSE(response.error().remedy.empty());
    CHECK(lost.requests() == 1);
    CHECK(api.sockets.asked == 1);
  }
  SECTION("a refusal of the moment is its answer") {
    ApiServer server([](const SeenRequest&) {
      return Reply{429, "later", "text/plain", {{"Retry-After", "1"}}};
    });
    KubeApiApi api({server.socket_path()});
    const auto response = api.kube.send(kCordon, {});
    REQUIRE(response);
    CHECK(response->status == 429);
    CHECK(response->retry_after == seconds(1));
    CHECK(server.seen().size() == 1);
    CHECK(api.clock.waits.empty());
  }
  SECTION("no channel, nothing sent") {
    KubeApiApi api({ssh_failure()});
    const auto response = api.kube.send(kCordon, {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::HostKey);
  }
  SECTION("nobody listens, nothing sent") {
    KubeApiApi api({std::string("/nonexistent/api")});
    const auto response = api.kube.send(kCordon, {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::Unreachable);
    CHECK(api.sockets.asked == 1);
  }
}

TEST_CASE("S18: a pause that the server asks for is kept, as far as the request's timeout goes") {
  struct Case {
    std::string retry_after;
    int refusals;  // before the answer
    int status;    // that get() gives
    std::vector<seconds> waits;
  };
  const Case cases[] = {
      {"4", 1, 200, {seconds(4)}},
      {"4", 2, 200, {seconds(4), seconds(4)}},
      {"4", 9, 429, {seconds(4), seconds(4)}},
      {"11", 1, 429, {}},
      {"999999999999999", 1, 429, {}},
      {"", 1, 429, {}},
  };
  for (const Case& c : cases) {
    CAPTURE(c.retry_after, c.refusals);
    int requests = 0;
    ApiServer server([&](const SeenRequest&) {
      if (requests++ >= c.refusals) return Reply{200, "{}"};
      Reply busy{429, "The apiserver is shutting down, please try again later.", "text/plain"};
      if (!c.retry_after.empty()) busy.headers["Retry-After"] = c.retry_after;
      return busy;
    });
    KubeApiApi api({server.socket_path()});
    const auto response = api.kube.get(kGetNode, {});
    REQUIRE(response);
    CHECK(response->status == c.status);
    CHECK(api.clock.waits == c.waits);
    CHECK(server.seen().size() == c.waits.size() + 1);
  }
}

TEST_CASE("a request whose time is over while it waits is a timeout") {
  ApiServer server([](const SeenRequest&) {
    return Reply{429, "", "text/plain", {{"Retry-After", "10"}}};
  });
  KubeApiApi api({server.socket_path()});
  const auto response = api.kube.get(kGetNode, {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::Timeout);
  CHECK_THAT(response.error().message, Catch::EndsWith("no whole answer within 10s"));
  CHECK(server.seen().size() == 1);
}

TEST_CASE("S15: a stop ends the wait for the server's pause") {
  ApiServer server([](const SeenRequest&) {
    return Reply{429, "", "text/plain", {{"Retry-After", "5"}}};
  });
  struct Stopping final : Clock {
    Instant now() override { return {}; }
    WallTime wall() override { return {}; }
    Instant boot() override { return {}; }
    bool wait_until(Instant, std::stop_token) override { return false; }
  } clock;
  Sockets sockets({server.socket_path()});
  KubeApi kube(sockets, clock);
  const auto response = kube.get(kGetNode, {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::Cancelled);
}

TEST_CASE("401 says that our certificate is no good, and what to run") {
  ApiServer server([](const SeenRequest&) {
    return Reply{401, R"({"kind":"Status","reason":"Unauthorized","code":401})"};
  });
  KubeApiApi api({server.socket_path()});
  const Result<ApiResponse> results[] = {api.kube.get(kGetNode, {}), api.kube.send(kCordon, {})};
  for (const auto& result : results) {
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::Authentication);
    CHECK_THAT(result.error().message, Catch::Contains("cp1") && Catch::Contains("(401)"));
    CHECK_THAT(result.error().detail, Catch::Contains("Unauthorized"));
    CHECK(result.error().remedy == "look at cp1, and renew");
  }
}

TEST_CASE("eight threads, each with its own object, share a server") {
  ApiServer server([](const SeenRequest& seen) { return Reply{200, seen.body + seen.target}; });
  SystemClock clock;
  {
    // What the server's libraries make when they are first used is made now: their code is not
    // instrumented, and TSan does not see how they keep it apart.
    Sockets sockets({server.socket_path()});
    KubeApi kube(sockets, clock);
    REQUIRE(kube.get(request(Verb::Get, "/first"), {}));
    REQUIRE(kube.send(request(Verb::Patch, "/first", "{}"), {}));
  }
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        Sockets sockets({server.socket_path()});
        KubeApi kube(sockets, clock);
        for (int i = 0; i < 20; ++i) {
          const std::string path = fmt::format("/api/v1/nodes/w{}-{}", t, i);
          const auto read = kube.get(request(Verb::Get, path), {});
          const auto sent = kube.send(request(Verb::Patch, path, "{}"), {});
          if (!read || read->body != path || !sent || sent->body != "{}" + path) ++wrong;
        }
      });
    }
  }
  CHECK(wrong == 0);
  CHECK(server.seen().size() == 2 + 8 * 20 * 2);
}

TEST_CASE("a stream is handed over as it comes, and is not sent again when it breaks") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  TlsPeer peer([&](int, int, const std::string&) {
    return TlsPeer::Answer{head + "4\r\none\n\r\n4\r\ntwo\n\r\n", Then::Cut};
  });
  KubeApiApi api({peer.socket_path()});
  std::string got;
  const auto result = api.kube.stream(request(Verb::Get, "/api/v1/events?watch=1"),
                                      [&](std::string_view chunk) {
                                        got += chunk;
                                        return true;
                                      },
                                      {});
  REQUIRE_FALSE(result);
  CHECK(result.error().kind == ErrorKind::Unreachable);
  CHECK(got == "one\ntwo\n");
  CHECK(peer.requests() == 1);
}

TEST_CASE("a stream ends when its reader has enough, and at once when it is stopped") {
  const std::string head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  TlsPeer peer([&](int, int, const std::string&) {
    return TlsPeer::Answer{head + "4\r\none\n\r\n", Then::Silence};
  });
  KubeApiApi api({peer.socket_path()});
  const ApiRequest watch = request(Verb::Get, "/api/v1/events?watch=1");
  const auto enough = api.kube.stream(watch, [](std::string_view) { return false; }, {});
  REQUIRE(enough);
  CHECK(enough->status == 200);

  std::stop_source stop;
  const auto began = std::chrono::steady_clock::now();
  const auto stopped = api.kube.stream(
      watch,
      [&](std::string_view) {
        stop.request_stop();
        return true;
      },
      stop.get_token());
  REQUIRE_FALSE(stopped);
  CHECK(stopped.error().kind == ErrorKind::Cancelled);
  CHECK(std::chrono::steady_clock::now() - began < seconds(3));
}

TEST_CASE("a refused stream has its body in the response, and nothing in the stream") {
  ApiServer server([](const SeenRequest&) { return Reply{410, R"({"code":410})"}; });
  KubeApiApi api({server.socket_path()});
  const auto result = api.kube.stream(request(Verb::Get, "/api/v1/events?watch=1"),
                                      [](std::string_view) -> bool {
                                        FAIL("a refusal is no part of the stream");
                                        return false;
                                      },
                                      {});
  REQUIRE(result);
  CHECK(result->status == 410);
  CHECK(result->body == R"({"code":410})");
}
