#include "remote/web/web_client.h"

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tests/support/api_server.h"
#include "tests/support/read_file.h"
#include "tests/support/web_server.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using drover::test::ApiServer;
using drover::test::Pki;
using drover::test::Reply;
using drover::test::SeenRequest;
using drover::test::WebServer;

namespace {

constexpr const char* kPlace = "env:PROM";

WebTokens token(const std::string& text) {
  return {{kPlace, std::make_shared<const Secret>(std::string(text))}};
}

WebRequest request(std::string url, std::string token = "", std::chrono::seconds timeout = 10s) {
  return {std::move(url), std::move(token), timeout};
}

Reply fine(const SeenRequest&) { return {200, R"({"status":"success"})"}; }

struct Https {
  ApiServer server{fine, ApiServer::Listen::LoopbackTcpForAll, Pki::cluster(),
                   Pki::cluster().local_server()};
  std::string url(const std::string& target) const {
    return "https://localhost:" + std::to_string(server.port()) + target;
  }
};

}  // namespace

TEST_CASE("a page is got over plain HTTP, as it is asked for and without credentials") {
  WebServer server(fine);
  WebClient client({}, "drover/9.9.9");
  for (const char* target : {"/base/api/v1/query?query=ALERTS%7Ba%3D%22b%22%7D", "/", "/x"}) {
    const auto answer = client.get(request(server.url(target)), {});
    REQUIRE(answer);
    CHECK(answer->status == 200);
    CHECK(answer->body == R"({"status":"success"})");
    const SeenRequest seen = server.seen().back();
    CHECK(seen.target == target);
    CHECK(seen.header("User-Agent") == "drover/9.9.9");
    CHECK(seen.header("Authorization") == "-");
  }
  REQUIRE(client.get(request(server.url("")), {}));
  CHECK(server.seen().back().target == "/");
}

TEST_CASE("any status is an answer, and nobody is sent elsewhere") {
  int status = 0;
  WebServer server([&](const SeenRequest&) -> Reply {
    return {status, "said", "text/plain", {{"Location", "http://127.0.0.1:1/"}}};
  });
  WebClient client({}, "drover");
  for (const int each : {200, 302, 401, 404, 429, 503}) {
    status = each;
    const auto answer = client.get(request(server.url("/")), {});
    REQUIRE(answer);
    CHECK(answer->status == each);
  }
}

TEST_CASE("S13: a token goes as bearer, and comes back in nothing") {
  const std::string secret = "s3cret-token-of-prometheus";
  WebServer server([](const SeenRequest& seen) -> Reply {
    return {401, "you sent " + seen.header("Authorization")};
  });
  WebClient client(token(secret), "drover");
  const auto answer = client.get(request(server.url("/q"), kPlace), {});
  REQUIRE(answer);
  CHECK(server.seen().back().header("Authorization") == "Bearer " + secret);
  CHECK(answer->body == "you sent Bearer [secret]");

  // It goes where it is asked to go, and nowhere else.
  REQUIRE(client.get(request(server.url("/open")), {}));
  CHECK(server.seen().back().header("Authorization") == "-");
  const auto unknown = client.get(request(server.url("/q"), "env:OTHER"), {});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().kind == ErrorKind::Authentication);
  CHECK(server.seen().size() == 2);
}

TEST_CASE(
    "S12: a server is believed by the authorities given, by those of this machine otherwise") {
  const Https https;
  const std::string ca = test::read_file(Pki::cluster().ca_file());
  WebClient client(token("s3cret"), "drover", ca);
  REQUIRE(client.get(request(https.url("/q"), kPlace), {}));
  CHECK(https.server.seen().back().header("Authorization") == "Bearer s3cret");

  for (const std::string& other : {std::string(), test::read_file(Pki::stranger().ca_file())}) {
    WebClient doubting(token("s3cret"), "drover", other);
    const auto answer = doubting.get(request(https.url("/q"), kPlace), {});
    REQUIRE_FALSE(answer);
    CHECK(answer.error().kind == ErrorKind::Authentication);
    CHECK(answer.error().message.starts_with("the server's certificate is not accepted"));
    CHECK(https.server.seen().size() == 1);
  }
}

TEST_CASE("what cannot be got says why, in time") {
  std::string closed;
  {
    WebServer gone(fine);
    closed = gone.url("/");
  }
  WebClient client({}, "drover");
  CHECK(client.get(request(closed), {}).error().kind == ErrorKind::Unreachable);
  CHECK(client.get(request("ftp://127.0.0.1/"), {}).error().kind == ErrorKind::File);
  CHECK(client.get(request("http://u:p@127.0.0.1/"), {}).error().kind == ErrorKind::File);
  CHECK(client.get(request("http:///x"), {}).error().kind == ErrorKind::File);

  std::atomic<bool> hold{true};
  WebServer slow([&](const SeenRequest&) -> Reply {
    while (hold) std::this_thread::yield();
    return {200, ""};
  });
  const auto began = std::chrono::steady_clock::now();
  CHECK(client.get(request(slow.url("/"), "", 1s), {}).error().kind == ErrorKind::Timeout);
  CHECK(std::chrono::steady_clock::now() - began < 5s);
  std::stop_source stop;
  std::jthread stopper([&] {
    while (slow.seen().empty() && std::chrono::steady_clock::now() - began < 1100ms)
      std::this_thread::yield();
    stop.request_stop();
  });
  CHECK(client.get(request(slow.url("/"), "", 60s), stop.get_token()).error().kind ==
        ErrorKind::Cancelled);
  hold = false;
}

TEST_CASE("an answer beyond all measure is none") {
  WebServer server([](const SeenRequest&) -> Reply { return {200, std::string(9 << 20, 'x')}; });
  WebClient client({}, "drover");
  CHECK(client.get(request(server.url("/")), {}).error().kind == ErrorKind::Api);
}
