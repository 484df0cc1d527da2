#include "remote/kube/admin_conf.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <charconv>
#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"

namespace drover::remote {
namespace {

constexpr int kDefaultSecurePort = 6443;

Error unusable(std::string why) {
  Error error;
  error.kind = ErrorKind::File;
  error.message = "admin.conf: " + std::move(why);
  error.remedy =
      "look at /etc/kubernetes/admin.conf on the control plane; kubeadm writes it anew with "
      "'kubeadm init phase kubeconfig admin'";
  return error;
}

// The text under `key`, or empty if there is none.
std::string scalar(const YAML::Node& map, const char* key) {
  if (!map.IsMap()) return {};
  const YAML::Node value = map[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

// The `inner` map of the entry called `name` in the top-level list `list`.
Result<YAML::Node> entry(const YAML::Node& root, const char* list, const char* inner,
                         const std::string& name) {
  const YAML::Node entries = root[list];
  if (entries && entries.IsSequence()) {
    for (const YAML::Node& candidate : entries) {
      if (scalar(candidate, "name") != name) continue;
      const YAML::Node found = candidate[inner];
      if (found && found.IsMap()) return YAML::Node(found);
      return unusable(fmt::format("the entry \"{}\" under {} has no {}", name, list, inner));
    }
  }
  return unusable(fmt::format("there is no entry \"{}\" under {}", name, list));
}

// PEM with its first and its last line: a file read in part does not pass for a key.
bool whole_pem(std::string_view text) {
  return text.find("-----BEGIN ") != text.npos && text.find("\n-----END ") != text.npos &&
         trim(text).ends_with("-----");
}

// Base64 under `key`, which must be PEM when decoded. Nothing of the value enters the message.
Result<std::string> pem(const YAML::Node& map, const std::string& key, std::string_view owner) {
  std::string encoded = scalar(map, key.c_str());
  if (encoded.empty()) return unusable(fmt::format("{} has no {}", owner, key));
  Result<std::string> text = base64_decode(encoded);
  wipe(encoded);
  if (!text) return unusable(fmt::format("{} of {} is not base64", key, owner));
  if (!whole_pem(*text)) {
    wipe(*text);
    return unusable(fmt::format("{} of {} is not PEM", key, owner));
  }
  return text;
}

Result<std::shared_ptr<const ApiCredentials>> read(const YAML::Node& root) {
  if (!root.IsMap() || scalar(root, "kind") != "Config")
    return unusable("this is not a kubeconfig (kind: Config)");
  const std::string current = scalar(root, "current-context");
  if (current.empty()) return unusable("it has no current-context");
  DROVER_TRY_ASSIGN(const YAML::Node context, entry(root, "contexts", "context", current));
  const std::string cluster_name = scalar(context, "cluster");
  const std::string user_name = scalar(context, "user");
  DROVER_TRY_ASSIGN(const YAML::Node cluster, entry(root, "clusters", "cluster", cluster_name));
  DROVER_TRY_ASSIGN(const YAML::Node user, entry(root, "users", "user", user_name));

  auto credentials = std::make_shared<ApiCredentials>();
  credentials->server = scalar(cluster, "server");
  const std::string of_cluster = fmt::format("cluster \"{}\"", cluster_name);
  const std::string of_user = fmt::format("user \"{}\"", user_name);
  DROVER_TRY_ASSIGN(credentials->ca_pem, pem(cluster, "certificate-authority-data", of_cluster));
  DROVER_TRY_ASSIGN(credentials->certificate_pem, pem(user, "client-certificate-data", of_user));
  DROVER_TRY_ASSIGN(std::string key, pem(user, "client-key-data", of_user));
  credentials->key_pem = Secret(std::move(key));
  return std::shared_ptr<const ApiCredentials>(std::move(credentials));
}

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
  try {
    return read(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& error) {
    return unusable(fmt::format("it is not valid YAML at line {}", error.mark.line + 1));
  }
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
