#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <vector>

#include "remote/kube/kube_api.h"
#include "tests/remote/kube/http_fixture.h"
#include "tests/support/api_server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/tls_peer.h"

using namespace drover;
using namespace drover::remote;
using Catch::Contains;
using drover::test::ApiServer;
using drover::test::Reply;
using drover::test::SeenRequest;
using drover::test::TlsPeer;
using std::chrono::seconds;
using Then = TlsPeer::Then;

namespace {

const ApiRequest kKubeApiFailoverRead{.path = "/api/v1/nodes/w1"};
const ApiRequest kKubeApiFailoverWrite{
    .verb = Verb::Patch, .path = "/api/v1/nodes/w1", .body = "{}"};

/// Control planes by their sockets, in order; "" cannot be dialled. The one that worked goes first.
struct ControlPlanes final : ChannelSource {
  explicit ControlPlanes(std::vector<std::string> paths) : sockets(std::move(paths)) {}

  Result<ApiRoute> route(const std::set<std::string>& tried, Instant deadline,
                         std::stop_token) override {
    deadlines.push_back(deadline);
    Error cause{.kind = ErrorKind::Unreachable, .message = "none is left"};
    for (size_t n = 0; n < sockets.size(); ++n) {
      const size_t i = (first + n) % sockets.size();
      const std::string name = fmt::format("cp{}", i + 1);
      if (tried.contains(name)) continue;
      if (!sockets[i].empty()) return ApiRoute{name, name, sockets[i], settings, nullptr};
      cause.message = name + " cannot be dialled";
    }
    return cause;
  }
  size_t ways() const override { return sockets.size(); }
  void worked(const ApiRoute& route) override {
    first = static_cast<size_t>(route.name.back() - '1');
  }
  std::string remedy(const ApiRoute& route, ErrorKind) override { return "look at " + route.name; }

  std::shared_ptr<const HttpSettings> settings =
      std::make_shared<const HttpSettings>(test_settings());
  std::vector<std::string> sockets;
  std::vector<Instant> deadlines;
  size_t first = 0;
};

struct Api {
  explicit Api(std::vector<std::string> paths) : source(std::move(paths)) {}
  ControlPlanes source;
  test::FakeClock clock;
  KubeApi kube{source, clock};
};

Reply answer_well(const SeenRequest&) { return {200, "{}"}; }

TlsPeer::Answer cut(int, int, const std::string&) { return {"", Then::Cut}; }

const std::string kNobody = "/nonexistent/api";

}  // namespace

TEST_CASE("a read goes on to the next control plane, and stays with the one that answers") {
  TlsPeer broken(cut);
  ApiServer alive(answer_well);
  Api api({kNobody, broken.socket_path(), alive.socket_path()});
  REQUIRE(api.kube.get(kKubeApiFailoverRead, {}));
  CHECK(broken.requests() == 1);
  REQUIRE(api.kube.get(kKubeApiFailoverRead, {}));
  CHECK(broken.requests() == 1);
  CHECK(alive.seen().size() == 2);
}

TEST_CASE("S4: a mutating request goes on only while nothing of it was sent") {
  TlsPeer broken(cut);
  ApiServer alive(answer_well);
  SECTION("nobody took it") {
    Api api({kNobody, alive.socket_path()});
    REQUIRE(api.kube.send(kKubeApiFailoverWrite, {}));
    CHECK(alive.seen().size() == 1);
  }
  SECTION("somebody may have taken it") {
    Api api({broken.socket_path(), alive.socket_path()});
    const auto sent = api.kube.send(kKubeApiFailoverWrite, {});
    REQUIRE_FALSE(sent);
    CHECK(sent.error().kind == ErrorKind::Unknown);
    CHECK(sent.error().host == "cp1");
    CHECK(broken.requests() == 1);
    CHECK(alive.seen().empty());
  }
}

TEST_CASE("S18: an answer is an answer, whatever it says: no other control plane is asked") {
  for (const int status : {401, 403, 404, 409, 500, 503}) {
    CAPTURE(status);
    ApiServer refuses([&](const SeenRequest&) { return Reply{status, "{}"}; });
    ApiServer other(answer_well);
    Api api({refuses.socket_path(), other.socket_path()});
    const auto answer = api.kube.get(kKubeApiFailoverRead, {});
    if (status == 401) {
      REQUIRE_FALSE(answer);
      CHECK(answer.error().kind == ErrorKind::Authentication);
    } else {
      REQUIRE(answer);
      CHECK(answer->status == status);
    }
    CHECK(other.seen().empty());
  }
  ApiServer stranger(answer_well, ApiServer::Listen::UnixSocket, test::Pki::stranger());
  ApiServer other(answer_well);
  Api api({stranger.socket_path(), other.socket_path()});
  const auto refused = api.kube.get(kKubeApiFailoverRead, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Authentication);
  CHECK(refused.error().host == "cp1");
  CHECK(other.seen().empty());
}

TEST_CASE("when no control plane works, the causes of all are told") {
  TlsPeer broken(cut);
  Api api({kNobody, broken.socket_path(), ""});
  for (const bool writes : {false, true}) {
    CAPTURE(writes);
    if (writes) api.source.sockets[1] = kNobody;
    const auto away =
        writes ? api.kube.send(kKubeApiFailoverWrite, {}) : api.kube.get(kKubeApiFailoverRead, {});
    REQUIRE_FALSE(away);
    CHECK(away.error().kind == ErrorKind::Unreachable);
    CHECK_THAT(away.error().message, Contains("cp1: Kubernetes API") && Contains("; cp2: ") &&
                                         Contains("cp3 cannot be dialled"));
    CHECK(away.error().remedy == "look at cp1");
  }
  CHECK(broken.requests() == 1);
}

TEST_CASE("S16: one silent control plane has its share of the request's time, not all of it") {
  TlsPeer silent([](int, int, const std::string&) { return TlsPeer::Answer{"", Then::Silence}; });
  ApiServer alive(answer_well);
  Api api({silent.socket_path(), alive.socket_path()});
  ApiRequest quick = kKubeApiFailoverRead;
  quick.timeout = seconds(2);
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(api.kube.get(quick, {}));
  const auto took = std::chrono::steady_clock::now() - began;
  CHECK(took > std::chrono::milliseconds(900));
  CHECK(took < std::chrono::milliseconds(1900));
  REQUIRE(api.source.deadlines.size() == 2);
  CHECK(api.source.deadlines[0] == api.clock.now() + seconds(1));
  CHECK(api.source.deadlines[1] == api.clock.now() + seconds(2));
}
