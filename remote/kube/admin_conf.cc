#include "remote/kube/admin_conf.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <utility>

namespace drover::remote {
namespace {

constexpr int kDefaultSecurePort = 6443;
constexpr const char* kRemedy =
    "look at /etc/kubernetes/admin.conf on the control plane; kubeadm writes it anew with 'kubeadm "
    "init phase kubeconfig admin'";

// The port in "--secure-port=N"; 0 if `word` is another one.
int port_of(std::string_view word) {
  constexpr std::string_view kFlag = "--secure-port=";
  if (!word.starts_with(kFlag)) return 0;
  word.remove_prefix(kFlag.size());
  int port = 0;
  const auto [end, failed] = std::from_chars(word.data(), word.data() + word.size(), port);
  const bool whole = failed == std::errc() && end == word.data() + word.size();
  return whole && port > 0 && port < 65536 ? port : 0;
}

}  // namespace

Result<std::shared_ptr<const ApiCredentials>> parse_admin_conf(std::string_view yaml) {
  DROVER_TRY_ASSIGN(auto context, parse_kubeconfig(yaml, {"admin.conf", kRemedy, ""}, ""));
  if (context->certificate_pem.empty()) {
    return Error{.kind = ErrorKind::File,
                 .message = "admin.conf: its user has no client-certificate-data",
                 .remedy = kRemedy};
  }
  auto credentials = std::make_shared<ApiCredentials>();
  credentials->ca_pem = context->ca_pem;
  credentials->certificate_pem = context->certificate_pem;
  credentials->key_pem = Secret(std::string(context->key_pem.reveal()));
  credentials->server = context->server;
  return std::shared_ptr<const ApiCredentials>(std::move(credentials));
}

int secure_port(std::string_view yaml) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    for (const YAML::Node& container : root["spec"]["containers"])
      for (const char* list : {"command", "args"})
        for (const YAML::Node& word : container[list])
          if (const int port = port_of(word.Scalar())) return port;
  } catch (const YAML::Exception&) {
    // Not a manifest: the kubelet could not have started an API server from it either.
  }
  return kDefaultSecurePort;
}

}  // namespace drover::remote
