#include <fmt/format.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>

#include "tests/remote/kube/http_fixture.h"
#include "tests/support/api_server.h"
#include "tests/support/tls_peer.h"

using namespace drover;
using namespace drover::remote;
using drover::test::ApiServer;
using drover::test::KeyPair;
using drover::test::Pki;
using drover::test::Reply;
using drover::test::SeenRequest;
using drover::test::TlsPeer;

namespace {

Reply answer_tls(const SeenRequest&) { return {200, "{}"}; }

// Sends a Get and a Patch with `credentials`; both must end in an Authentication error.
void check_refused(const std::string& socket_path,
                   std::shared_ptr<const ApiCredentials> credentials, const std::string& says) {
  HttpSettings settings = test_settings();
  settings.credentials = std::move(credentials);
  HttpChannel channel(std::move(settings));
  for (const HttpRequest& request :
       {get_request(socket_path), mutating_request(Verb::Patch, socket_path, "{}")}) {
    const auto response = channel.perform(request, {});
    REQUIRE_FALSE(response);
    CHECK(response.error().kind == ErrorKind::Authentication);
    CHECK_THAT(response.error().message, Catch::Contains(says));
  }
}

// In a child of the test below, where /etc/ssl/certs holds the stranger's authority.
constexpr char kSocketOfParent[] = "DROVER_TEST_SOCKET";
constexpr char kOtherCa[] = "DROVER_TEST_OTHER_CA";

}  // namespace

TEST_CASE("a server that the cluster's authority does not vouch for is refused") {
  const Pki& ours = Pki::cluster();
  SECTION("another authority") {
    ApiServer server(answer_tls, ApiServer::Listen::UnixSocket, Pki::stranger());
    check_refused(server.socket_path(), ours.credentials(), "API server's certificate");
    CHECK(server.seen().empty());
  }
  SECTION("another authority of the same name") {
    const Pki other("kubernetes");
    ApiServer server(answer_tls, ApiServer::Listen::UnixSocket, other);
    check_refused(server.socket_path(), ours.credentials(), "API server's certificate");
    CHECK(server.seen().empty());
  }
  SECTION("an expired certificate") {
    ApiServer server(answer_tls, ApiServer::Listen::UnixSocket, ours, ours.expired_server());
    check_refused(server.socket_path(), ours.credentials(), "expired");
    CHECK(server.seen().empty());
  }
  SECTION("another name") {
    ApiServer server(answer_tls, ApiServer::Listen::UnixSocket, ours, ours.misnamed_server());
    check_refused(server.socket_path(), ours.credentials(), "API server's certificate");
    CHECK(server.seen().empty());
  }
}

TEST_CASE("a client certificate that the server refuses is an authentication error") {
  const Pki& ours = Pki::cluster();
  TlsPeer peer([](int, int, const std::string&) { return TlsPeer::Answer{}; });
  check_refused(peer.socket_path(), ours.credentials(ours.expired_client()),
                "refused our certificate");
  auto foreign = std::make_shared<ApiCredentials>();
  foreign->ca_pem = ours.credentials()->ca_pem;
  const auto stranger = Pki::stranger().credentials();
  foreign->certificate_pem = stranger->certificate_pem;
  foreign->key_pem = Secret(std::string(stranger->key_pem.reveal()));
  check_refused(peer.socket_path(), foreign, "refused our certificate");
  CHECK(peer.requests() == 0);
}

TEST_CASE("credentials that cannot be used are named as such") {
  const Pki& ours = Pki::cluster();
  ApiServer server(answer_tls);
  const auto with = [&](const std::string& ca, const std::string& certificate,
                        const std::string& key) {
    auto credentials = std::make_shared<ApiCredentials>();
    credentials->ca_pem = ca;
    credentials->certificate_pem = certificate;
    credentials->key_pem = Secret(std::string(key));
    return credentials;
  };
  const auto good = ours.credentials();
  const std::string key(good->key_pem.reveal());
  const std::string other_key(Pki::stranger().credentials()->key_pem.reveal());
  check_refused(server.socket_path(), with("", good->certificate_pem, key), "its authority");
  check_refused(server.socket_path(), with("garbage", good->certificate_pem, key), "its authority");
  check_refused(server.socket_path(), with(good->ca_pem, "garbage", key), "cannot be used");
  check_refused(server.socket_path(), with(good->ca_pem, good->certificate_pem, "garbage"),
                "cannot be used");
  check_refused(server.socket_path(), with(good->ca_pem, good->certificate_pem, other_key),
                "cannot be used");
  CHECK(server.seen().empty());
}

TEST_CASE("the part of the public authorities' test that runs behind another /etc/ssl/certs",
          "[.public-ca]") {
  const char* socket_path = std::getenv(kSocketOfParent);
  if (socket_path == nullptr) return;  // started by hand: it is part of the next one
  REQUIRE(std::filesystem::exists(std::string("/etc/ssl/certs/") + std::getenv(kOtherCa)));
  check_refused(socket_path, Pki::cluster().credentials(), "API server's certificate");
}

TEST_CASE("public authorities of this machine are not believed") {
  if (std::system("bwrap --dev-bind / / true 2>/dev/null") != 0) {
    WARN("skipped: bwrap cannot make a namespace here");
    return;
  }
  // The other authority becomes a public one in the child's view, found by its subject's hash.
  const Pki& other = Pki::stranger();
  const test::TempDir certs;
  const std::string script = fmt::format(
      "hash=$(openssl x509 -hash -noout -in '{0}') && cp '{0}' '{1}/'$hash.0 && "
      "exec env {2}=$hash.0 bwrap --dev-bind / / --ro-bind '{1}' /etc/ssl/certs {3} "
      "'[.public-ca]'",
      other.ca_file(), certs.path(), kOtherCa,
      std::filesystem::read_symlink("/proc/self/exe").string());
  ApiServer server(answer_tls, ApiServer::Listen::UnixSocket, other);
  setenv(kSocketOfParent, server.socket_path().c_str(), 1);
  CHECK(std::system((script + " >/dev/null").c_str()) == 0);
  unsetenv(kSocketOfParent);
}
