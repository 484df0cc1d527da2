#include "remote/kube/whole_list.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <vector>

using drover::ApiResponse;
using drover::Error;
using drover::ErrorKind;
using drover::Result;
using drover::remote::get_whole_list;
using drover::remote::names_list;
using Json = nlohmann::json;

namespace {

ApiResponse ok(const std::string& body) { return {200, body, {}}; }

std::string page(const std::string& items, const std::string& token) {
  return R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7","continue":")" +
         token + R"(","remainingItemCount":3},"items":[)" + items + "]}";
}

// Answers in turn, and keeps what it was asked.
struct Answers {
  std::vector<Result<ApiResponse>> answers;
  std::vector<std::string> asked = {};

  Result<ApiResponse> list(const std::string& path = "/api/v1/pods") {
    return get_whole_list(path, [this](const std::string& page_path) {
      REQUIRE(asked.size() < answers.size());
      asked.push_back(page_path);
      return answers[asked.size() - 1];
    });
  }
};

}  // namespace

TEST_CASE("paths that name a list are told from the others") {
  for (const char* path :
       {"/api/v1/nodes", "/api/v1/namespaces", "/api/v1/pods?fieldSelector=spec.nodeName%3Dw1",
        "/api/v1/namespaces/kube-system/pods", "/apis/apps/v1/deployments",
        "/apis/apps/v1/namespaces/kube-system/daemonsets?labelSelector=unlimit%3Dx"}) {
    CAPTURE(path);
    CHECK(names_list(path));
  }
  for (const char* path :
       {"", "/", "/readyz", "/readyz?verbose", "/version", "/api", "/api/v1", "/apis", "/apis/apps",
        "/apis/apps/v1", "/api/v1/nodes/w1", "/api/v1/namespaces/kube-system",
        "/api/v1/namespaces/kube-system/pods/a", "/api/v1/namespaces/kube-system/pods/a/log",
        "/apis/apps/v1/namespaces/kube-system/deployments/coredns", "/api/v1/nodes?limit=1",
        "/api/v1/nodes?labelSelector=a&continue=x", "/api/v1/nodes?watch=1"}) {
    CAPTURE(path);
    CHECK_FALSE(names_list(path));
  }
}

TEST_CASE("a list that fits in one page comes as the server wrote it") {
  for (const std::string& body :
       {page("{\"n\": 1}", ""), std::string(R"({"kind":"PodList","items":null})"),
        std::string(R"({"kind":"Pod","metadata":{"continue":"not a list"}})"),
        std::string("<html>"), std::string("[]"),
        std::string(R"({"kind":"PodList","metadata":{"continue":5}})"), std::string()}) {
    CAPTURE(body);
    Answers server{{ok(body)}};
    const auto list = server.list();
    REQUIRE(list);
    CHECK(list->body == body);
    CHECK(server.asked == std::vector<std::string>{"/api/v1/pods?limit=500"});
  }
}

TEST_CASE("pages become one list, asked for with the same parameters") {
  Answers server{{ok(page("1,2", "to/2=")), ok(page("3", "to 3")),
                  ok(R"({"kind":"PodList","metadata":{},"items":null})")}};
  const auto list = server.list("/api/v1/pods?fieldSelector=a");
  REQUIRE(list);
  CHECK(list->status == 200);
  CHECK(Json::parse(list->body) ==
        Json::parse(R"({"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"7"},
                        "items":[1,2,3]})"));
  CHECK(server.asked ==
        std::vector<std::string>{"/api/v1/pods?fieldSelector=a&limit=500",
                                 "/api/v1/pods?fieldSelector=a&limit=500&continue=to%2F2%3D",
                                 "/api/v1/pods?fieldSelector=a&limit=500&continue=to%203"});
}

TEST_CASE("a list that expires on the way is begun again") {
  const ApiResponse expired{410, R"({"reason":"Expired"})", {}};
  SECTION("and nothing of the first beginning is left in it") {
    Answers server{{ok(page("1", "a")), expired, ok(page("2", "b")), ok(page("3", ""))}};
    const auto list = server.list();
    REQUIRE(list);
    CHECK(Json::parse(list->body)["items"] == Json::parse("[2,3]"));
    CHECK(server.asked[2] == "/api/v1/pods?limit=500");
  }
  SECTION("but not for ever") {
    Answers server;
    for (int i = 0; i < 4; ++i) {
      server.answers.emplace_back(ok(page("1", "a")));
      server.answers.emplace_back(expired);
    }
    const auto list = server.list();
    REQUIRE(list);
    CHECK(list->status == 410);
    CHECK(server.asked.size() == 8);
  }
  SECTION("unless it was its first page") {
    Answers server{{expired}};
    CHECK(server.list()->status == 410);
  }
}

TEST_CASE("a refusal or a failure of any page is that of the list") {
  Answers refused{{ok(page("1", "a")), ApiResponse{503, "busy", std::chrono::seconds(1)}}};
  const auto answer = refused.list();
  REQUIRE(answer);
  CHECK(answer->status == 503);
  CHECK(answer->body == "busy");
  CHECK(answer->retry_after == std::chrono::seconds(1));

  Error lost;
  lost.kind = ErrorKind::Unreachable;
  Answers broken{{ok(page("1", "a")), lost}};
  CHECK(broken.list().error().kind == ErrorKind::Unreachable);

  for (const char* body : {"", "<html>", "{}", R"({"kind":"Status"})"}) {
    Answers odd{{ok(page("1", "a")), ok(body)}};
    const auto list = odd.list();
    REQUIRE_FALSE(list);
    CHECK(list.error().kind == ErrorKind::Api);
    CHECK(list.error().detail == body);
  }
}
