#include "remote/kube/admin_conf.h"

#include <fmt/format.h>
#include <fmt/ostream.h>

#include <catch2/catch.hpp>
#include <ostream>
#include <type_traits>

#include "inventory/base/digest.h"

using drover::base64_encode;
using drover::ErrorKind;
using drover::remote::ApiCredentials;
using drover::remote::parse_admin_conf;
using drover::remote::Secret;
using drover::remote::secure_port;
using drover::remote::wipe;

namespace {

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

static_assert(!Printable<Secret> && !Printable<ApiCredentials>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!fmt::is_formattable<ApiCredentials>::value);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_copy_constructible_v<ApiCredentials>);

std::string pem(const std::string& what) {
  return fmt::format("-----BEGIN {0}-----\n{0}\n-----END {0}-----\n", what);
}

std::string b64(const std::string& what) { return base64_encode(pem(what)); }

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

// As kubeadm writes it, with a second cluster, context and user beside.
std::string admin_conf() {
  return fmt::format(R"(apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {}
    server: https://192.0.2.9:6443
  name: other
- cluster:
    certificate-authority-data: {}
    server: https://192.0.2.11:6443
  name: kubernetes
contexts:
- context:
    cluster: other
    user: nobody
  name: nobody@other
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
preferences: {{}}
users:
- name: nobody
  user: {{}}
- name: kubernetes-admin
  user:
    client-certificate-data: {}
    client-key-data: {}
)",
                     b64("OTHER CA"), b64("CA"), b64("CERT"), b64("KEY"));
}

}  // namespace

TEST_CASE("admin.conf gives the credentials of its current context") {
  const auto credentials = parse_admin_conf(admin_conf());
  REQUIRE(credentials);
  CHECK((*credentials)->ca_pem == pem("CA"));
  CHECK((*credentials)->certificate_pem == pem("CERT"));
  CHECK((*credentials)->key_pem.reveal() == pem("KEY"));
  CHECK((*credentials)->server == "https://192.0.2.11:6443");
}

TEST_CASE("an unusable admin.conf is refused with what is wrong, S13: and nothing of its key") {
  const std::string good = admin_conf();
  const std::string key = b64("KEY");
  struct Case {
    std::string yaml;
    std::string says;
  };
  const Case cases[] = {
      {"", "not a kubeconfig"},
      {"- a\n- b\n", "not a kubeconfig"},
      {"kind: Pod\n", "not a kubeconfig"},
      {"a: [1\nb: ]\n}", "not valid YAML at line"},
      {"kind: Config\n", "no current-context"},
      {replaced(good, "current-context: kubernetes-admin", "current-context: x"),
       "no entry \"x@kubernetes\" under contexts"},
      {replaced(good, "user: kubernetes-admin", "user: who"), "no entry \"who\" under users"},
      {replaced(good, "cluster: kubernetes", "cluster: c2"), "no entry \"c2\" under clusters"},
      {"kind: Config\ncurrent-context: a\ncontexts: [{name: a}]\n",
       "the entry \"a\" under contexts has no context"},
      {"kind: Config\ncurrent-context: a\ncontexts: [1, [2], {name: a, context: 5}]\n",
       "the entry \"a\" under contexts has no context"},
      {replaced(good, "client-key-data: " + key, "client-key: /root/key.pem"),
       "user \"kubernetes-admin\" has no client-key-data"},
      {replaced(good, "client-certificate-data: " + b64("CERT"), "token: abc"),
       "user \"kubernetes-admin\" has no client-certificate-data"},
      {replaced(good, "client-key-data: " + key, "client-key-data: '" + key + "!'"),
       "client-key-data of user \"kubernetes-admin\" is not base64"},
      {replaced(good, "client-key-data: " + key, "client-key-data: " + base64_encode("secret")),
       "client-key-data of user \"kubernetes-admin\" is not PEM"},
      {replaced(good, "certificate-authority-data: " + b64("CA"), "certificate-authority: ca.crt"),
       "cluster \"kubernetes\" has no certificate-authority-data"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.yaml);
    const auto result = parse_admin_conf(c.yaml);
    REQUIRE_FALSE(result);
    CHECK(result.error().kind == ErrorKind::File);
    CHECK_THAT(result.error().message, Catch::Contains(c.says));
    CHECK_THAT(result.error().message, Catch::StartsWith("admin.conf: "));
    CHECK_FALSE(result.error().remedy.empty());
    const std::string shown = result.error().message + result.error().detail;
    CHECK(shown.find(key) == std::string::npos);
    CHECK(shown.find("secret") == std::string::npos);
  }
}

TEST_CASE("an admin.conf cut at any byte is refused or read the same") {
  const std::string whole = admin_conf();
  for (size_t length = 0; length < whole.size(); ++length) {
    const auto result = parse_admin_conf(whole.substr(0, length));
    if (!result) continue;
    CAPTURE(length);
    CHECK((*result)->key_pem.reveal() == pem("KEY"));
    CHECK((*result)->certificate_pem == pem("CERT"));
    CHECK((*result)->ca_pem == pem("CA"));
  }
}

TEST_CASE("S13: a wiped text leaves nothing behind in its memory") {
  for (const size_t size : {size_t{5}, size_t{400}}) {
    std::string text(size, 'k');
    const char* memory = text.data();
    wipe(text);
    CHECK(text.empty());
    CHECK(text.data() == memory);
    CHECK(std::string(memory, size) == std::string(size, '\0'));
  }
}

TEST_CASE("S13: a moved secret is at one place only") {
  std::string text = "short";
  Secret first(std::move(text));
  CHECK(text.empty());
  Secret second(std::move(first));
  CHECK(first.reveal().empty());
  CHECK(second.reveal() == "short");
  Secret third(std::string("earlier"));
  third = std::move(second);
  CHECK(second.reveal().empty());
  CHECK(third.reveal() == "short");
}

TEST_CASE("the port is that of the API server's manifest, or the API server's default") {
  const std::string manifest = R"(apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver}
spec:
  containers:
  - command:
    - kube-apiserver
    - --advertise-address=192.0.2.11
    - --secure-port=7443
    image: registry.k8s.io/kube-apiserver:v1.33.13
)";
  CHECK(secure_port(manifest) == 7443);
  CHECK(secure_port("spec: {containers: [{args: [--secure-port=1]}]}") == 1);
  for (const char* other :
       {"", "kind: Pod", "spec: 3", "spec: {containers: [{command: [kube-apiserver]}]}", "a: [",
        "spec: {containers: [{command: [--secure-port=x]}]}", "spec: {containers: {a: b}}",
        "spec: {containers: [{command: [--secure-port=0]}]}",
        "spec: {containers: [{command: [[]]}]}",
        "spec: {containers: [{command: [--secure-port=65536]}]}"}) {
    CAPTURE(other);
    CHECK(secure_port(other) == 6443);
  }
}
