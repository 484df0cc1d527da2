#include "remote/kube/direct_source.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "remote/kube/kube_api.h"
#include "tests/support/api_server.h"
#include "tests/support/fake_clock.h"
#include "tests/support/read_file.h"
#include "tests/support/sshd.h"

using namespace drover;
using namespace drover::remote;
using Catch::Contains;
using test::ApiServer;
using test::Pki;
using test::read_file;
using test::Reply;
using test::SeenRequest;
using test::write_file;

namespace {

const ApiRequest kRead{.path = "/api/v1/nodes/w1"};
const ApiRequest kWrite{.verb = Verb::Patch, .path = "/api/v1/nodes/w1", .body = "{}"};

/// A kubeconfig in a folder of its own, and the API by way of it.
struct Way {
  std::string cluster_of(int port) const {
    return fmt::format(
        "{{server: \"https://127.0.0.1:{}\", tls-server-name: kubernetes, certificate-authority: "
        "{}}}",
        port, Pki::cluster().ca_file());
  }

  void write(int port, const std::string& user) {
    write_file(dir.file("config"),
               fmt::format("kind: Config\ncurrent-context: prod\ncontexts: [{{name: prod, context: "
                           "{{cluster: c, user: u}}}}]\nclusters: [{{name: c, cluster: "
                           "{}}}]\nusers: [{{name: u, user: {}}}]\n",
                           cluster_of(port), user));
  }

  KubeApi& open() {
    auto context = read_kubeconfig(dir.file("config"), "", "");
    REQUIRE(context);
    auto made = DirectSource::make(*context, dir.file("config"), "drover/9.9.9", clock);
    REQUIRE(made);
    source = std::move(*made);
    return api.emplace(*source, clock);
  }

  test::TempDir dir;
  test::FakeClock clock;
  std::unique_ptr<DirectSource> source;
  std::optional<KubeApi> api;
};

/// Prints `token` from the file of that name and counts its calls.
std::string exec_user(const test::TempDir& dir, const std::string& expires = {}) {
  return fmt::format(
      "{{exec: {{command: sh, apiVersion: client.authentication.k8s.io/v1, args: [-c, 'echo x "
      ">>{0}; "
      "printf \"{{\\\"apiVersion\\\":\\\"client.authentication.k8s.io/v1\\\",\\\"kind\\\":"
      "\\\"ExecCredential\\\",\\\"status\\\":{{\\\"token\\\":\\\"%s\\\"{2}}}}}\" \"$(cat "
      "{1})\"']}}}}",
      dir.file("calls"), dir.file("token"),
      expires.empty() ? "" : fmt::format(",\\\"expirationTimestamp\\\":\\\"{}\\\"", expires));
}

size_t calls(const Way& way) { return read_file(way.dir.file("calls")).size() / 2; }

Reply if_token(const SeenRequest& seen, const std::string& token) {
  return seen.header("Authorization") == "Bearer " + token ? Reply{200, "{}"} : Reply{401, "{}"};
}

}  // namespace

TEST_CASE("client certificates of a kubeconfig open the API, by the name that it wants checked") {
  ApiServer server(
      [](const SeenRequest&) {
        return Reply{200, "{}"};
      },
      ApiServer::Listen::LoopbackTcp);
  Way way;
  way.write(server.port(), fmt::format("{{client-certificate: {}, client-key: {}}}",
                                       Pki::cluster().client().certificate_file,
                                       Pki::cluster().client().key_file));
  KubeApi& api = way.open();
  REQUIRE(api.get(kRead, {}));
  REQUIRE(api.send(kWrite, {}));
  CHECK(server.seen().size() == 2);
  CHECK(server.seen().back().header("User-Agent") == "drover/9.9.9");
}

TEST_CASE("a token that is refused is an authentication error, S13: which does not show it") {
  ApiServer server([](const SeenRequest& seen) { return if_token(seen, "good"); },
                   ApiServer::Listen::LoopbackTcpForAll);
  Way way;
  way.write(server.port(), "{token: good}");
  REQUIRE(way.open().get(kRead, {}));
  way.write(server.port(), "{token: hunter2}");
  const auto refused = way.open().send(kWrite, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::Authentication);
  CHECK_THAT(refused.error().message,
             Contains("context prod") && Contains("does not accept our token (401)"));
  CHECK_THAT(refused.error().remedy, Contains("--context prod"));
  CHECK_THAT(refused.error().message + refused.error().remedy + refused.error().detail,
             !Contains("hunter2"));
  CHECK(server.seen().size() == 2);  // nothing could be renewed: not asked again
}

TEST_CASE("a token file is read again after a minute, and when its token is refused") {
  std::string good = "one";
  ApiServer server([&](const SeenRequest& seen) { return if_token(seen, good); },
                   ApiServer::Listen::LoopbackTcpForAll);
  Way way;
  way.write(server.port(), "{tokenFile: token}");
  write_file(way.dir.file("token"), "one\n");
  KubeApi& api = way.open();
  REQUIRE(api.get(kRead, {}));
  write_file(way.dir.file("token"), "two\n");
  REQUIRE(api.get(kRead, {}));  // still the first one, which is good
  way.clock.pass(std::chrono::seconds(61));
  good = "two";
  REQUIRE(api.get(kRead, {}));
  CHECK(server.seen().size() == 3);
  good = "three";
  write_file(way.dir.file("token"), "three\n");
  REQUIRE(api.send(kWrite, {}));  // 401, the file anew, and once more
  CHECK(server.seen().size() == 5);
  good = "four";
  CHECK_FALSE(api.get(kRead, {}));  // 401, and the file has nothing new
  CHECK(server.seen().size() == 6);
}

TEST_CASE("a token file that is not there is named") {
  Way way;
  way.write(1, "{tokenFile: token}");
  const auto refused = way.open().get(kRead, {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == ErrorKind::File);
  CHECK_THAT(refused.error().message, Contains(way.dir.file("token") + ": cannot be read"));
}

TEST_CASE("a plug-in runs once, and again when its token runs out or is refused") {
  std::string good = "one";
  ApiServer server([&](const SeenRequest& seen) { return if_token(seen, good); },
                   ApiServer::Listen::LoopbackTcpForAll);
  Way way;
  write_file(way.dir.file("token"), "one");
  SECTION("without an end") {
    way.write(server.port(), exec_user(way.dir));
    KubeApi& api = way.open();
    REQUIRE(api.get(kRead, {}));
    way.clock.pass(std::chrono::hours(24));
    REQUIRE(api.send(kWrite, {}));
    CHECK(calls(way) == 1);
    good = "two";
    write_file(way.dir.file("token"), "two");
    REQUIRE(api.send(kWrite, {}));
    CHECK(calls(way) == 2);
    good = "three";
    const auto refused = api.get(kRead, {});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().kind == ErrorKind::Authentication);
    CHECK(calls(way) == 3);  // once for a request
  }
  SECTION("with one") {
    // The fake clock begins at 1790000000, which is 2026-09-21T14:13:20Z.
    way.write(server.port(), exec_user(way.dir, "2026-09-21T14:23:20Z"));
    KubeApi& api = way.open();
    REQUIRE(api.get(kRead, {}));
    way.clock.pass(std::chrono::minutes(9));
    REQUIRE(api.get(kRead, {}));
    CHECK(calls(way) == 1);
    way.clock.pass(std::chrono::minutes(1));
    REQUIRE(api.get(kRead, {}));
    CHECK(calls(way) == 2);
  }
}

TEST_CASE("an API that is away is said with the address that the kubeconfig has") {
  Way way;
  way.write(1, "{token: t}");
  const auto away = way.open().get(kRead, {});
  REQUIRE_FALSE(away);
  CHECK(away.error().kind == ErrorKind::Unreachable);
  CHECK_THAT(away.error().message, Contains("https://127.0.0.1:1"));
  CHECK_FALSE(away.error().remedy.empty());
}
