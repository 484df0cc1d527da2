#include "remote/kube/exec_plugin.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tests/support/read_file.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_dir.h"

using namespace drover;
using namespace drover::remote;
using namespace std::chrono_literals;
using Catch::Contains;
using Json = nlohmann::json;

namespace {

const std::string kV1 = "client.authentication.k8s.io/v1";
const std::string kPem = "-----BEGIN X-----\nAA==\n-----END X-----\n";

std::string printed(const Json& status, const std::string& version = kV1) {
  return Json{{"apiVersion", version}, {"kind", "ExecCredential"}, {"status", status}}.dump();
}

Result<ExecCredential> run(const std::string& script, bool cluster_info = false,
                           const std::string& hint = {}) {
  KubeContext context;
  context.name = "prod";
  context.server = "https://c1.example:6443";
  context.ca_pem = kPem;
  context.exec = ExecPlugin{.command = "sh",
                            .args = {"-c", script},
                            .env = {{"GREETING", "hello"}},
                            .api_version = kV1,
                            .install_hint = hint,
                            .provide_cluster_info = cluster_info};
  return run_exec_plugin(context, 20s, {});
}

}  // namespace

TEST_CASE("a plug-in prints a token or a certificate, and until when it is good") {
  const auto token = parse_exec_credential(
      printed({{"token", "t"}, {"expirationTimestamp", "2026-11-22T21:14:08Z"}}), kV1);
  REQUIRE(token);
  CHECK(token->token.reveal() == "t");
  REQUIRE(token->expires);
  CHECK(token->expires->time_since_epoch() == std::chrono::seconds(1795382048));
  for (const char* same :
       {"2026-11-22T23:14:08+02:00", "2026-11-22T21:14:08.123456Z", "2026-11-22T16:44:08-04:30"}) {
    CAPTURE(same);
    const auto other =
        parse_exec_credential(printed({{"token", "t"}, {"expirationTimestamp", same}}), kV1);
    REQUIRE(other);
    CHECK(other->expires == token->expires);
  }
  const auto pair = parse_exec_credential(
      printed({{"clientCertificateData", kPem}, {"clientKeyData", kPem}}), kV1);
  REQUIRE(pair);
  CHECK(pair->certificate_pem == kPem);
  CHECK(pair->key_pem.reveal() == kPem);
  CHECK_FALSE(pair->expires);
}

TEST_CASE("what is no ExecCredential is refused, S13: and not repeated") {
  for (const std::string& text : {
           std::string(),
           std::string("hunter2"),
           std::string("{}"),
           std::string("[]"),
           printed({{"token", "hunter2"}}, "client.authentication.k8s.io/v1beta1"),
           printed(nullptr),
           printed(Json::object()),
           printed({{"token", 5}}),
           printed({{"clientCertificateData", kPem}}),
           printed({{"clientKeyData", "hunter2"}}),
           printed({{"clientCertificateData", "x"}, {"clientKeyData", "hunter2"}}),
           printed({{"token", "hunter2"}, {"expirationTimestamp", "tomorrow"}}),
       }) {
    CAPTURE(text);
    const auto credential = parse_exec_credential(text, kV1);
    REQUIRE_FALSE(credential);
    CHECK(credential.error().kind == ErrorKind::Authentication);
    CHECK_THAT(credential.error().message, !Contains("hunter2"));
  }
}

TEST_CASE("a plug-in is told what is asked of it") {
  const test::TempDir dir;
  const std::string keep = "printf '%s' \"$KUBERNETES_EXEC_INFO\" >" + dir.file("info");
  const auto got = run(keep + "; printf '%s' '" + printed({{"token", "x"}}) + "'", true);
  REQUIRE(got);
  const Json info = Json::parse(test::read_file(dir.file("info")));
  CHECK(info["apiVersion"] == kV1);
  CHECK(info["kind"] == "ExecCredential");
  CHECK(info["spec"]["interactive"] == false);
  CHECK(info["spec"]["cluster"]["server"] == "https://c1.example:6443");
  REQUIRE(run(keep + "; printf '%s' '" + printed({{"token", "x"}}) + "'"));
  CHECK_FALSE(Json::parse(test::read_file(dir.file("info")))["spec"].contains("cluster"));
  const auto greeted = run("printf '{\"apiVersion\":\"" + kV1 +
                           "\",\"kind\":\"ExecCredential\",\"status\":{\"token\":\"%s\"}}' "
                           "\"$GREETING\"");
  REQUIRE(greeted);
  CHECK(greeted->token.reveal() == "hello");
}

TEST_CASE("a plug-in that fails says why, fit for a terminal, and what its file advises") {
  const auto failed = run("echo hunter2; printf 'not logged \\033[31min\\n' >&2; exit 4", false,
                          "log in\x1b[0m first");
  REQUIRE_FALSE(failed);
  CHECK(failed.error().kind == ErrorKind::Authentication);
  CHECK_THAT(failed.error().message,
             Contains("plug-in sh of context \"prod\": exit code 4: not logged") &&
                 !Contains("\x1b") && !Contains("hunter2"));
  CHECK_THAT(failed.error().remedy, Contains("log in") && !Contains("\x1b"));
  const auto silent = run("exit 1");
  REQUIRE_FALSE(silent);
  CHECK_THAT(silent.error().remedy, Contains("run sh by hand"));
}
