#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/remote/kube/http_fixture.h"
#include "tests/support/api_server.h"

using namespace drover;
using namespace drover::remote;
using drover::test::ApiServer;
using drover::test::Reply;
using drover::test::SeenRequest;
using std::chrono::seconds;

TEST_CASE("each verb arrives with its path, body and headers, and its answer comes back") {
  ApiServer server([](const SeenRequest& seen) {
    return Reply{seen.method == "POST" ? 201 : 200, "{\"method\":\"" + seen.method + "\"}"};
  });
  HttpChannel channel(test_settings());
  const std::string target =
      "/api/v1/nodes/../nodes/w1?fieldManager=drover&labelSelector=a%3Db%2Cc%2Fd";
  struct Case {
    Verb verb;
    std::string name;
    std::string body;
    std::string content_type;
    int status;
  };
  const Case cases[] = {
      {Verb::Get, "GET", "", "", 200},
      {Verb::Post, "POST", "{\"a\":1}", "application/json", 201},
      {Verb::Put, "PUT", "{\"b\":2}", "application/json", 200},
      {Verb::Patch, "PATCH", "{\"c\":null}", "application/merge-patch+json", 200},
      {Verb::Delete, "DELETE", "{\"d\":[]}", "application/json", 200},
      {Verb::Delete, "DELETE", "", "application/json", 200},
      {Verb::Get, "GET", "", "", 200},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name, c.body);
    HttpRequest request = get_request(server.socket_path(), target);
    request.verb = c.verb;
    request.body = c.body;
    request.content_type = c.content_type;
    const auto response = channel.perform(request, {});
    REQUIRE(response);
    CHECK(response->status == c.status);
    CHECK(response->body == "{\"method\":\"" + c.name + "\"}");
    CHECK_FALSE(response->retry_after);

    const SeenRequest seen = server.seen().back();
    CHECK(seen.method == c.name);
    CHECK(seen.target == target);
    CHECK(seen.body == c.body);
    CHECK(seen.header("Host") == "kubernetes:6443");
    CHECK(seen.header("User-Agent") == "drover/9.9.9");
    CHECK(seen.header("Accept") == "application/json");
    CHECK(seen.header("Accept-Encoding") == "gzip");
    CHECK(seen.header("Content-Type") == (c.verb == Verb::Get ? "-" : c.content_type));
  }
  CHECK(server.seen().size() == std::size(cases));
}

TEST_CASE("a body of some megabytes arrives whole, both ways") {
  std::string large;
  while (large.size() < 5'000'000) large += fmt::format("line {} of a large body\n", large.size());
  ApiServer server([](const SeenRequest& seen) { return Reply{200, seen.body}; });
  HttpChannel channel(test_settings());
  const auto response =
      channel.perform(mutating_request(Verb::Post, server.socket_path(), large), {});
  REQUIRE(response);
  CHECK(response->body == large);
  CHECK(server.seen().back().header("Expect") == "-");
}

TEST_CASE("any status is a response, whatever is in it") {
  struct Case {
    Reply reply;
    std::optional<seconds> retry_after;
  };
  const std::string html = "<html><body><h1>502 Bad Gateway</h1></body></html>\n";
  const std::string shutting_down = "The apiserver is shutting down, please try again later.\n";
  const Case cases[] = {
      {{204, ""}, {}},
      {{400, "{\"kind\":\"Status\",\"code\":400}"}, {}},
      {{401, "{}"}, {}},
      {{404, "{}"}, {}},
      {{409, "{\"reason\":\"Conflict\"}"}, {}},
      {{429, shutting_down, "text/plain", {{"Retry-After", "5"}}}, seconds(5)},
      {{429, "{}", "application/json", {{"Retry-After", "soon"}}}, {}},
      {{429, "{}", "application/json", {}}, {}},
      {{500, "{}"}, {}},
      {{502, html, "text/html"}, {}},
      {{503, "{}", "application/json", {{"Retry-After", "1"}}}, seconds(1)},
      {{504, ""}, {}},
      // Not followed: the credentials are for this cluster only.
      {{307, "", "text/plain", {{"Location", "https://elsewhere.example/"}}}, {}},
  };
  size_t next = 0;
  ApiServer server([&](const SeenRequest&) { return cases[next / 2].reply; });
  HttpChannel channel(test_settings());
  for (const Case& c : cases) {
    CAPTURE(c.reply.status, c.reply.body);
    const HttpRequest requests[] = {get_request(server.socket_path()),
                                    mutating_request(Verb::Patch, server.socket_path(), "{}")};
    for (const HttpRequest& request : requests) {
      const auto response = channel.perform(request, {});
      REQUIRE(response);
      CHECK(response->status == c.reply.status);
      CHECK(response->body == c.reply.body);
      CHECK(response->retry_after == c.retry_after);
      ++next;
    }
  }
  CHECK(server.seen().size() == next);
}

TEST_CASE("an answer above the limit is an error, one at the limit is not") {
  ApiServer server([](const SeenRequest& seen) {
    return Reply{200, std::string(seen.target == "/over" ? 5001 : 5000, 'x')};
  });
  HttpSettings settings = test_settings();
  settings.answer_limit = 5000;
  HttpChannel channel(std::move(settings));
  const auto fits = channel.perform(get_request(server.socket_path(), "/fits"), {});
  REQUIRE(fits);
  CHECK(fits->body.size() == 5000);
  const auto over = channel.perform(get_request(server.socket_path(), "/over"), {});
  REQUIRE_FALSE(over);
  CHECK(over.error().kind == ErrorKind::Api);
  CHECK_THAT(over.error().message, Catch::Contains("above 5000 bytes"));
  REQUIRE(channel.perform(get_request(server.socket_path(), "/fits"), {}));
}

TEST_CASE("a proxy in the environment is not asked") {
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY"})
    setenv(name, "http://127.0.0.1:9", 1);
  {
    ApiServer server([](const SeenRequest&) { return Reply{200, "{}"}; });
    HttpChannel channel(test_settings());
    CHECK(channel.perform(get_request(server.socket_path()), {}));
    CHECK(server.seen().size() == 1);
  }
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY"}) unsetenv(name);
}

TEST_CASE("the server may also listen on loopback, and a path must be a path") {
  ApiServer server([](const SeenRequest&) { return Reply{}; }, ApiServer::Listen::LoopbackTcp);
  CHECK(server.port() > 0);
  CHECK(server.socket_path().empty());
  HttpChannel channel(test_settings());
  for (const char* path : {"", "@elsewhere.example/", ":1/"}) {
    const auto response = channel.perform(get_request(server.socket_path(), path), {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::Internal);
  }
}
