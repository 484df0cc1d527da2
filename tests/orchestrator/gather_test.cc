#include "orchestrator/gather.h"

#include <catch2/catch.hpp>

#include "tests/support/fake_ports.h"

namespace drover::orchestrator {
namespace {

ApiResponse answer(int status, std::string body) {
  ApiResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

// The lock is nobody's, or is answered with this status the first time.
test::FakeApi api_with_lock(int first) {
  test::FakeApi api;
  api.on_get = [first, asked = 0](const ApiRequest& request) mutable -> Result<ApiResponse> {
    const bool lock = request.path.find("/leases/drover") != std::string::npos;
    if (lock) return answer(++asked == 1 ? first : 404, "{}");
    return answer(200, R"({"kind":"Namespace","metadata":{"uid":"the-uid"}})");
  };
  return api;
}

}  // namespace

TEST_CASE("S14: a lock that nobody holds is none") {
  test::FakeApi api = api_with_lock(404);
  const auto identity = gather_identity(api, {});
  REQUIRE(identity);
  CHECK(identity->uid == "the-uid");
  CHECK_FALSE(identity->lock);
}

TEST_CASE(
    "S14, S18: a lock that could not be read is an error, whatever the next answer would be") {
  for (const auto& [status, kind] :
       {std::pair{503, ErrorKind::Unreachable}, std::pair{429, ErrorKind::Unreachable},
        std::pair{403, ErrorKind::Api}}) {
    test::FakeApi api = api_with_lock(status);
    const auto identity = gather_identity(api, {});
    REQUIRE_FALSE(identity);
    CHECK(identity.error().kind == kind);
    CHECK_FALSE(identity.error().remedy.empty());
  }
}

TEST_CASE("Who is refused by an API server that is not ready is not told to ask for a right") {
  test::FakeApi api;
  api.on_get = [](const ApiRequest& request) -> Result<ApiResponse> {
    return request.path == "/readyz"
               ? answer(500, "[-]poststarthook/rbac/bootstrap-roles failed: reason withheld")
               : answer(403, "{}");
  };
  const auto identity = gather_identity(api, {});
  REQUIRE_FALSE(identity);
  CHECK(identity.error().kind == ErrorKind::Unreachable);
  CHECK(identity.error().remedy.find("(/readyz: HTTP 500)") != std::string::npos);
  CHECK(identity.error().remedy.find("must be allowed") == std::string::npos);
}

TEST_CASE("Who is refused everything is told which right is missing") {
  test::FakeApi api;
  api.on_get = [](const ApiRequest&) -> Result<ApiResponse> { return answer(403, "{}"); };
  const auto identity = gather_identity(api, {});
  REQUIRE_FALSE(identity);
  CHECK(identity.error().kind == ErrorKind::Api);
  CHECK(identity.error().remedy.find("must be allowed") != std::string::npos);
}

}  // namespace drover::orchestrator
