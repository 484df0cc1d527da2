#include "inventory/cluster/api_status.h"

#include <catch2/catch.hpp>

namespace drover {
namespace {

ApiResponse response(int status, const std::string& body) {
  ApiResponse response;
  response.status = status;
  response.body = body;
  return response;
}

}  // namespace

TEST_CASE("a refused eviction tells the budget that holds it (S11)") {
  const ApiStatus status =
      read_api_status(response(429, R"({"kind":"Status","apiVersion":"v1","metadata":{},
    "status":"Failure","message":"Cannot evict pod as it would violate the pod's disruption budget.",
    "reason":"TooManyRequests","details":{"causes":[{"reason":"DisruptionBudget",
    "message":"The disruption budget web needs 3 healthy pods and has 3 currently"}]},"code":429})"));
  CHECK(status.code == 429);
  CHECK(status.reason == "TooManyRequests");
  CHECK(status.message == "Cannot evict pod as it would violate the pod's disruption budget.");
  REQUIRE(status.causes.size() == 1);
  CHECK(status.has_cause("DisruptionBudget"));
  CHECK_FALSE(status.has_cause("NamespaceTerminating"));
  CHECK(status.causes[0].message ==
        "The disruption budget web needs 3 healthy pods and has 3 currently");
}

TEST_CASE("what is no Status leaves its first bytes in the message (S18)") {
  for (const std::string& body :
       {std::string("The apiserver is shutting down, please try again later."),
        std::string("<html><body>502 Bad Gateway</body></html>"), std::string(), std::string("{}"),
        std::string("[1,2]"), std::string(R"({"kind":"Pod","metadata":{"name":"p"}})"),
        std::string(R"({"kind":"Status","reason":7})"), std::string("\xff\x00", 2)}) {
    const ApiStatus status = read_api_status(response(502, body));
    CHECK(status.code == 502);
    CHECK(status.reason.empty());
    CHECK(status.causes.empty());
    CHECK(status.message == body);
  }
  CHECK(read_api_status(response(502, std::string(10000, 'x'))).message == std::string(512, 'x'));
}

TEST_CASE("every truncation of a Status is still told") {
  const std::string body =
      R"({"kind":"Status","reason":"Conflict","details":{"causes":[{"reason":"X"}]}})";
  for (size_t size = 0; size < body.size(); ++size) {
    const ApiStatus status = read_api_status(response(409, body.substr(0, size)));
    REQUIRE(status.code == 409);
    REQUIRE(status.reason.empty());
    REQUIRE(status.message == body.substr(0, size));
  }
}

TEST_CASE("a refusal is of the API's own trouble, or of what was asked") {
  const struct {
    int status;
    ErrorKind kind;
    std::string remedy;
  } cases[] = {
      {400, ErrorKind::Api, ""},
      {403, ErrorKind::Api, "may read it"},
      {404, ErrorKind::Api, ""},
      {429, ErrorKind::Unreachable,
       "the API server is overloaded or out of order for now; try again"},
      {500, ErrorKind::Unreachable,
       "the API server is overloaded or out of order for now; try again"},
      {504, ErrorKind::Unreachable,
       "the API server is overloaded or out of order for now; try again"},
  };
  for (const auto& one : cases) {
    const Error error = refusal("GET /x", response(one.status, "so it \x1b[1mis\n"), "may read it");
    INFO(one.status);
    CHECK(error.kind == one.kind);
    CHECK(error.remedy == one.remedy);
    CHECK(error.message.find("GET /x: HTTP " + std::to_string(one.status)) == 0);
    CHECK(error.message.find('\x1b') == std::string::npos);
  }
}

}  // namespace drover
