#include <catch2/catch.hpp>
#include <cstdlib>

#include "tests/remote/kube/http_fixture.h"
#include "tests/support/api_server.h"
#include "tests/support/tls_peer.h"

using namespace drover;
using namespace drover::remote;
using drover::test::ApiServer;
using drover::test::Pki;
using drover::test::Reply;
using drover::test::SeenRequest;
using drover::test::TlsPeer;
using Then = TlsPeer::Then;

namespace {

const std::string kHttpDirectOk = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}";

Reply fine(const SeenRequest&) { return {200, "{}"}; }

TlsPeer on_tcp(TlsPeer::Script script) {
  return TlsPeer(std::move(script), TlsPeer::Read::Whole, Pki::cluster(),
                 TlsPeer::Listen::LoopbackTcp);
}

HttpRequest with_token(HttpRequest request, const std::string& token) {
  request.token = std::make_shared<const Secret>(std::string(token));
  return request;
}

}  // namespace

TEST_CASE("a server is dialled directly, and believed by the name in its URL") {
  ApiServer server(fine, ApiServer::Listen::LoopbackTcp);
  HttpSettings settings = direct_settings(server.port());
  settings.base_path = "/k8s/c1";
  HttpChannel channel(settings);
  for (const HttpRequest& request :
       {get_request("", "/api/v1/nodes?limit=5"), mutating_request(Verb::Patch, "", "{\"a\":1}")}) {
    REQUIRE(channel.perform(request, {}));
    const SeenRequest seen = server.seen().back();
    CHECK(seen.target == "/k8s/c1" + request.path);
    CHECK(seen.body == request.body);
    CHECK(seen.header("Host") == "kubernetes:" + std::to_string(server.port()));
    CHECK(seen.header("Authorization") == "-");
  }
}

TEST_CASE("a name that the server's certificate has not is refused, S12: whoever vouches for it") {
  struct Row {
    const char* what;
    const Pki& pki;
    const test::KeyPair& server;
    std::string name;
  };
  const Row rows[] = {
      {"its address", Pki::cluster(), Pki::cluster().server(), "127.0.0.1"},
      {"another name", Pki::cluster(), Pki::cluster().misnamed_server(), "kubernetes"},
      {"another authority", Pki::stranger(), Pki::stranger().server(), "kubernetes"},
      {"expired", Pki::cluster(), Pki::cluster().expired_server(), "kubernetes"},
  };
  for (const Row& row : rows) {
    INFO(row.what);
    ApiServer server(fine, ApiServer::Listen::LoopbackTcpForAll, row.pki, row.server);
    HttpSettings settings = direct_settings(server.port());
    settings.name = row.name;
    HttpChannel channel(settings);
    const auto response = channel.perform(with_token(get_request(""), "secret"), {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::Authentication);
    CHECK(server.seen().empty());
  }
}

TEST_CASE("a token goes with each request that has one, S13: and into no message") {
  ApiServer server(fine, ApiServer::Listen::LoopbackTcpForAll);
  HttpSettings settings = direct_settings(server.port());
  auto without_certificate = std::make_shared<ApiCredentials>();
  without_certificate->ca_pem = settings.credentials->ca_pem;
  settings.credentials = without_certificate;
  HttpChannel channel(settings);
  REQUIRE(channel.perform(with_token(get_request(""), "one"), {}));
  CHECK(server.seen().back().header("Authorization") == "Bearer one");
  REQUIRE(channel.perform(with_token(mutating_request(Verb::Put, "", "{}"), "two"), {}));
  CHECK(server.seen().back().header("Authorization") == "Bearer two");
  REQUIRE(channel.perform(get_request(""), {}));
  CHECK(server.seen().back().header("Authorization") == "-");

  HttpSettings nobody = settings;
  nobody.connect_to = "127.0.0.1:1";
  const auto refused = HttpChannel(nobody).perform(with_token(get_request(""), "se-cret"), {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Unreachable);
  CHECK_THAT(refused.error().message, !Catch::Contains("se-cret") && !Catch::Contains("tunnel"));
}

TEST_CASE("S4: over TCP too, only reads are sent again when a kept connection dies") {
  for (const Verb verb : {Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete}) {
    CAPTURE(verb_name(verb));
    std::atomic<int> mutations = 0;
    TlsPeer peer = on_tcp([&](int, int number, const std::string& request) {
      const bool reads = request.starts_with("GET");
      mutations += reads ? 0 : 1;
      // The second request of a connection, and every mutating one, meets a server that goes away.
      return number > 1 || !reads ? TlsPeer::Answer{"", Then::Cut}
                                  : TlsPeer::Answer{kHttpDirectOk, Then::KeepOpen};
    });
    HttpChannel channel(direct_settings(peer.port()));
    REQUIRE(channel.perform(get_request(""), {}));
    HttpRequest request = get_request("");
    if (verb != Verb::Get) request = mutating_request(verb, "", "{}");
    const auto response = channel.perform(request, {});
    if (verb == Verb::Get) {
      CHECK(response);
      CHECK(peer.requests() == 3);
    } else {
      REQUIRE_FALSE(response);
      CHECK(response.error().kind == ErrorKind::Unknown);
      CHECK(mutations == 1);
    }
  }
}

TEST_CASE("S4: over TCP too, a mutating request that nobody took is known not to be carried out") {
  int port = 0;
  {
    port = on_tcp([](int, int, const std::string&) { return TlsPeer::Answer{}; }).port();
  }
  const auto response =
      HttpChannel(direct_settings(port)).perform(mutating_request(Verb::Post, "", "{}"), {});
  REQUIRE_FALSE(response);
  CHECK(response.error().kind == ErrorKind::Unreachable);
}

TEST_CASE("a proxy in the environment is not asked for a server that is dialled directly") {
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY"})
    setenv(name, "http://127.0.0.1:9", 1);
  ApiServer server(fine, ApiServer::Listen::LoopbackTcp);
  CHECK(HttpChannel(direct_settings(server.port())).perform(get_request(""), {}));
  for (const char* name : {"HTTPS_PROXY", "https_proxy", "ALL_PROXY"}) unsetenv(name);
}
