#include "tests/support/tls_pki.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "inventory/base/digest.h"

namespace drover::test {
namespace {

constexpr char kServerName[] = "subjectAltName=DNS:kubernetes,DNS:kubernetes.default,IP:192.0.2.11";

}  // namespace

Pki::Pki(const std::string& name) {
  ca_ = {dir_.file("ca.crt"), dir_.file("ca.key")};
  openssl(
      "req -x509 -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key "
      "-days 30 -out ca.crt -addext keyUsage=critical,keyCertSign -subj /CN=" +
      name);
  server_ = issue("server", "/CN=kube-apiserver", kServerName, 30);
  // Valid for no day at all: expired in the second in which it was made.
  expired_server_ = issue("expired-server", "/CN=kube-apiserver", kServerName, 0);
  local_server_ = issue("local", "/CN=web", "subjectAltName=DNS:localhost", 30);
  misnamed_server_ = issue("misnamed", "/CN=kube-apiserver", "subjectAltName=DNS:elsewhere", 30);
  const std::string admin = "/O=kubeadm:cluster-admins/CN=kubernetes-admin";
  client_ = issue("client", admin, "extendedKeyUsage=clientAuth", 30);
  expired_client_ = issue("expired-client", admin, "extendedKeyUsage=clientAuth", 0);
}

const Pki& Pki::cluster() {
  static const Pki pki("kubernetes");
  return pki;
}

const Pki& Pki::stranger() {
  static const Pki pki("stranger");
  return pki;
}

std::shared_ptr<const remote::ApiCredentials> Pki::credentials(const KeyPair& client) const {
  auto credentials = std::make_shared<remote::ApiCredentials>();
  credentials->ca_pem = read_file(ca_.certificate_file);
  credentials->certificate_pem = read_file(client.certificate_file);
  credentials->key_pem = remote::Secret(read_file(client.key_file));
  credentials->server = "https://192.0.2.11:6443";
  return credentials;
}

std::string Pki::admin_conf() const {
  return fmt::format(R"(apiVersion: v1
clusters:
- cluster:
    certificate-authority-data: {}
    server: https://192.0.2.11:6443
  name: kubernetes
contexts:
- context:
    cluster: kubernetes
    user: kubernetes-admin
  name: kubernetes-admin@kubernetes
current-context: kubernetes-admin@kubernetes
kind: Config
preferences: {{}}
users:
- name: kubernetes-admin
  user:
    client-certificate-data: {}
    client-key-data: {}
)",
                     base64_encode(read_file(ca_.certificate_file)),
                     base64_encode(read_file(client_.certificate_file)),
                     base64_encode(read_file(client_.key_file)));
}

KeyPair Pki::issue(const std::string& name, const std::string& subject,
                   const std::string& extensions, int days) {
  std::ofstream(dir_.file(name + ".ext")) << extensions << '\n';
  openssl(fmt::format(
      "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout {0}.key -subj {1} "
      "-out {0}.csr",
      name, subject));
  openssl(fmt::format(
      "x509 -req -in {0}.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days {1} -extfile {0}.ext "
      "-out {0}.crt",
      name, days));
  return {dir_.file(name + ".crt"), dir_.file(name + ".key")};
}

void Pki::openssl(const std::string& arguments) const {
  const std::string command =
      fmt::format("cd '{}' && openssl {} >log 2>&1", dir_.path(), arguments);
  if (std::system(command.c_str()) != 0)
    throw std::runtime_error(command + ": " + read_file(dir_.file("log")));
}

}  // namespace drover::test
