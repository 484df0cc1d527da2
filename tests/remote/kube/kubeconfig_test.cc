#include "remote/kube/kubeconfig.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "inventory/base/digest.h"
#include "tests/support/sshd.h"
#include "tests/support/temp_dir.h"

using namespace drover;
using namespace drover::remote;
using Catch::Contains;
using test::TempDir;
using test::write_file;

namespace {

std::string pem_block(const std::string& what) {
  return fmt::format("-----BEGIN {0}-----\n{0}\n-----END {0}-----\n", what);
}

std::string encoded_block(const std::string& what) { return base64_encode(pem_block(what)); }

/// A kubeconfig with the cluster and the user given, and a second context beside.
std::string config(const std::string& cluster, const std::string& user) {
  return fmt::format(R"(apiVersion: v1
kind: Config
current-context: prod
contexts:
- {{name: prod, context: {{cluster: c1, user: u1}}}}
- {{name: test, context: {{cluster: c2, user: u2, namespace: default}}}}
clusters:
- {{name: c1, cluster: {}}}
- {{name: c2, cluster: {{server: "https://c2.example", certificate-authority-data: {}}}}}
users:
- {{name: u1, user: {}}}
- {{name: u2, user: {{token: two}}}}
)",
                     cluster, encoded_block("CA2"), user);
}

const std::string kServer = "server: \"https://c1.example:6443\"";
const std::string kCluster =
    fmt::format("{{{}, certificate-authority-data: {}}}", kServer, encoded_block("CA"));
const std::string kUser = fmt::format("{{client-certificate-data: {}, client-key-data: {}}}",
                                      encoded_block("CERT"), encoded_block("KEY"));

Result<std::shared_ptr<const KubeContext>> parsed(const std::string& yaml,
                                                  const std::string& context = "",
                                                  const std::string& folder = "/nowhere") {
  return parse_kubeconfig(yaml, {"conf", "look at it", folder}, context);
}

std::string user_exec(const std::string& more) {
  return "{exec: {command: login, apiVersion: client.authentication.k8s.io/v1" + more + "}}";
}

}  // namespace

TEST_CASE("a kubeconfig gives its current context, or the one that is named") {
  const std::string text = config(kCluster, kUser);
  const auto current = parsed(text);
  REQUIRE(current);
  CHECK((*current)->name == "prod");
  CHECK((*current)->server == "https://c1.example:6443");
  CHECK((*current)->ca_pem == pem_block("CA"));
  CHECK((*current)->certificate_pem == pem_block("CERT"));
  CHECK((*current)->key_pem.reveal() == pem_block("KEY"));
  CHECK((*current)->tls_server_name.empty());
  const auto named = parsed(text, "test");
  REQUIRE(named);
  CHECK((*named)->server == "https://c2.example");
  CHECK((*named)->ca_pem == pem_block("CA2"));
  CHECK((*named)->certificate_pem.empty());
  CHECK((*named)->token.reveal() == "two");
}

TEST_CASE("files that a kubeconfig names are found beside it, and data goes before them") {
  const TempDir dir;
  write_file(dir.file("ca.crt"), pem_block("CA"));
  write_file(dir.file("me.crt"), pem_block("CERT"));
  write_file(dir.file("me.key"), pem_block("KEY"));
  const std::string cluster = fmt::format("{{{}, certificate-authority: ca.crt}}", kServer);
  write_file(dir.file("config"),
             config(cluster, fmt::format("{{client-certificate: {}, client-key: ./me.key, "
                                         "tokenFile: token, token: passed-over}}",
                                         dir.file("me.crt"))));
  const auto found = read_kubeconfig(dir.file("config"), "", "remedy");
  REQUIRE(found);
  CHECK((*found)->ca_pem == pem_block("CA"));
  CHECK((*found)->certificate_pem == pem_block("CERT"));
  CHECK((*found)->key_pem.reveal() == pem_block("KEY"));
  CHECK((*found)->token_file == dir.file("token"));
  CHECK((*found)->token.reveal().empty());
  const auto data = parsed(
      config(fmt::format("{{{}, certificate-authority: missing, certificate-authority-data: {}}}",
                         kServer, encoded_block("CA")),
             kUser),
      "", dir.path());
  CHECK(data);
}

TEST_CASE("a plug-in is read with all that it is to be given") {
  const auto found = parsed(config(
      "{" + kServer +
          ", tls-server-name: kubernetes, certificate-authority-data: " + encoded_block("CA") + "}",
      "{exec: {apiVersion: client.authentication.k8s.io/v1beta1, command: bin/login, args: [get, "
      "\"a b\"], env: [{name: A, value: \"1\"}], installHint: install it, provideClusterInfo: "
      "true, interactiveMode: IfAvailable}}"));
  REQUIRE(found);
  CHECK((*found)->tls_server_name == "kubernetes");
  REQUIRE((*found)->exec);
  const ExecPlugin& plugin = *(*found)->exec;
  CHECK(plugin.command == "/nowhere/bin/login");
  CHECK(plugin.args == std::vector<std::string>{"get", "a b"});
  CHECK(plugin.env == std::vector<std::pair<std::string, std::string>>{{"A", "1"}});
  CHECK(plugin.install_hint == "install it");
  CHECK(plugin.provide_cluster_info);
  const auto in_path = parsed(config(kCluster, user_exec("")));
  REQUIRE(in_path);
  CHECK((*in_path)->exec->command == "login");
}

TEST_CASE("what cannot be used is refused by its name, S13: and nothing of a secret is said") {
  const std::string text = config(kCluster, kUser);
  struct Row {
    std::string yaml;
    std::string says;
    std::string context = {};
  };
  const auto user = [&](const std::string& keys) { return config(kCluster, "{" + keys + "}"); };
  const auto cluster = [&](const std::string& keys) {
    return config(
        "{" + kServer + ", certificate-authority-data: " + encoded_block("CA") + ", " + keys + "}",
        kUser);
  };
  const Row rows[] = {
      {text, "no entry \"staging\" under contexts; its contexts are prod, test", "staging"},
      {cluster("insecure-skip-tls-verify: true"), "insecure-skip-tls-verify: whoever answers"},
      {cluster("proxy-url: \"socks5://h:1\""), "proxy-url: a proxy is not supported yet"},
      {config("{server: \"http://c1\", certificate-authority-data: " + encoded_block("CA") + "}",
              kUser),
       "not an https:// address"},
      {config("{" + kServer + "}", kUser), "has no certificate-authority-data and no"},
      {config("{" + kServer + ", certificate-authority: missing.crt}", kUser),
       "certificate-authority of cluster \"c1\": /nowhere/missing.crt: cannot be read"},
      {user("username: admin, password: hunter2"), "username and password: no API server"},
      {user("auth-provider: {name: oidc}"), "auth-provider: Kubernetes itself"},
      {user("as: root, token: hunter2"), "has as: acting as somebody else"},
      {user(""), "neither a client certificate, a token nor an exec plug-in"},
      {user("client-certificate-data: " + encoded_block("CERT")), "has no client-key-data"},
      {user("client-key-data: " + encoded_block("hunter2")), "has no client-certificate-data"},
      {user("client-key-data: hunter2, client-certificate-data: " + encoded_block("CERT")),
       "is not"},
      {config(kCluster, "{exec: {apiVersion: client.authentication.k8s.io/v1}}"),
       "exec of user \"u1\" has no command"},
      {config(kCluster, "{exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}}"),
       "v1 and client.authentication.k8s.io/v1beta1 are known"},
      {config(kCluster, user_exec(", interactiveMode: Always")), "gives the plug-in no terminal"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.yaml);
    const auto found = parsed(row.yaml, row.context);
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == ErrorKind::File);
    CHECK_THAT(found.error().message, Contains(row.says) && Catch::StartsWith("conf: "));
    CHECK(found.error().remedy == "look at it");
    CHECK_THAT(found.error().message + found.error().detail, !Contains("hunter2"));
  }
}

TEST_CASE("a kubeconfig that cannot be read is named") {
  const TempDir dir;
  for (const std::string& path : {dir.file("missing"), dir.path()}) {
    const auto found = read_kubeconfig(path, "", "see api.kubeconfig");
    REQUIRE_FALSE(found);
    CHECK(found.error().kind == ErrorKind::File);
    CHECK_THAT(found.error().message, Catch::StartsWith(path + ": "));
    CHECK(found.error().remedy == "see api.kubeconfig");
  }
}
