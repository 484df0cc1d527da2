#include "remote/kube/kubeconfig.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"

namespace drover::remote {
namespace {

constexpr size_t kLargestFile = 1 << 20;

// The text under `key`, or empty if there is none.
std::string scalar(const YAML::Node& map, const std::string& key) {
  if (!map.IsMap()) return {};
  const YAML::Node value = map[key];
  return value && value.IsScalar() ? value.Scalar() : std::string();
}

bool is_set(const YAML::Node& map, const std::string& key) {
  const YAML::Node value = map[key];
  return value && !value.IsNull() && !(value.IsScalar() && value.Scalar().empty()) &&
         !(value.size() == 0 && !value.IsScalar());
}

bool is_true(const YAML::Node& map, const std::string& key) { return scalar(map, key) == "true"; }

class Reader {
 public:
  Reader(const YAML::Node& root, const KubeConfigSource& source) : root_(root), source_(source) {}

  Result<std::shared_ptr<const KubeContext>> read(const std::string& wanted) {
    if (!root_.IsMap() || scalar(root_, "kind") != "Config")
      return unusable("this is not a kubeconfig (kind: Config)");
    auto found = std::make_shared<KubeContext>();
    found->name = wanted.empty() ? scalar(root_, "current-context") : wanted;
    if (found->name.empty()) return unusable("it has no current-context" + choice());
    DROVER_TRY_ASSIGN(const YAML::Node context, entry("contexts", "context", found->name));
    const std::string cluster_name = scalar(context, "cluster");
    const std::string user_name = scalar(context, "user");
    DROVER_TRY_ASSIGN(const YAML::Node cluster, entry("clusters", "cluster", cluster_name));
    DROVER_TRY_ASSIGN(const YAML::Node user, entry("users", "user", user_name));
    DROVER_TRY(read_cluster(cluster, fmt::format("cluster \"{}\"", cluster_name), *found));
    DROVER_TRY(read_user(user, fmt::format("user \"{}\"", user_name), *found));
    return std::shared_ptr<const KubeContext>(std::move(found));
  }

 private:
  Error unusable(std::string why) const {
    return {.kind = ErrorKind::File,
            .message = fmt::format("{}: {}", source_.file, sanitise(why)),
            .remedy = source_.remedy};
  }

  // What is possible elsewhere and not here.
  Error unsupported(const std::string& owner, std::string_view key, std::string_view why) const {
    return {.kind = ErrorKind::File,
            .message = fmt::format("{}: {} has {}: {}", source_.file, sanitise(owner), key, why),
            .remedy = source_.remedy};
  }

  std::string choice() const {
    std::vector<std::string> names;
    if (const YAML::Node contexts = root_["contexts"]; contexts && contexts.IsSequence()) {
      for (const YAML::Node& each : contexts) names.push_back(scalar(each, "name"));
    }
    return names.empty() ? "; it has no contexts" : "; its contexts are " + join(names, ", ");
  }

  // The `inner` map of the entry called `name` in the top-level list `list`.
  Result<YAML::Node> entry(const std::string& list, const std::string& inner,
                           const std::string& name) const {
    const YAML::Node entries = root_[list];
    if (entries && entries.IsSequence()) {
      for (const YAML::Node& candidate : entries) {
        if (scalar(candidate, "name") != name) continue;
        const YAML::Node found = candidate[inner];
        if (found && found.IsMap()) return YAML::Node(found);
        return unusable(fmt::format("the entry \"{}\" under {} has no {}", name, list, inner));
      }
    }
    return unusable(fmt::format("there is no entry \"{}\" under {}{}", name, list,
                                list == "contexts" ? choice() : std::string()));
  }

  std::string absolute(const std::string& path) const {
    return (std::filesystem::path(source_.folder) / path).lexically_normal().string();
  }

  // PEM under `key`-data, or in the file that `key` names; "" where there is neither.
  Result<std::string> pem(const YAML::Node& map, const std::string& key,
                          const std::string& owner) const {
    const std::string data_key = key + "-data";
    std::string text;
    std::string where = fmt::format("{} of {}", data_key, owner);
    if (std::string encoded = scalar(map, data_key); !encoded.empty()) {
      Result<std::string> decoded = base64_decode(encoded);
      wipe(encoded);
      if (!decoded) return unusable(where + " is not base64");
      text = std::move(*decoded);
    } else if (const std::string path = scalar(map, key); !path.empty()) {
      if (source_.folder.empty()) return unusable(fmt::format("{} has no {}", owner, data_key));
      where = fmt::format("{} of {}, {},", key, owner, absolute(path));
      Result<std::string> read = read_small_file(absolute(path));
      if (!read) return unusable(fmt::format("{} of {}: {}", key, owner, read.error().message));
      text = std::move(*read);
    }
    if (text.empty() || whole_pem(text)) return text;
    wipe(text);
    return unusable(where + " is not PEM");
  }

  Status read_cluster(const YAML::Node& cluster, const std::string& owner, KubeContext& to) const {
    to.server = scalar(cluster, "server");
    if (!to.server.starts_with("https://"))
      return unusable(fmt::format("the server of {} is not an https:// address", owner));
    if (is_true(cluster, "insecure-skip-tls-verify"))
      return unsupported(owner, "insecure-skip-tls-verify",
                         "whoever answers would be given our credentials and believed");
    if (is_set(cluster, "proxy-url"))
      return unsupported(owner, "proxy-url", "a proxy is not supported yet");
    to.tls_server_name = scalar(cluster, "tls-server-name");
    DROVER_TRY_ASSIGN(to.ca_pem, pem(cluster, "certificate-authority", owner));
    if (!to.ca_pem.empty()) return {};
    return unusable(fmt::format("{} has no certificate-authority-data{}", owner,
                                source_.folder.empty() ? "" : " and no certificate-authority"));
  }

  Status read_user(const YAML::Node& user, const std::string& owner, KubeContext& to) const {
    if (is_set(user, "auth-provider"))
      return unsupported(owner, "auth-provider",
                         "Kubernetes itself has given it up; an exec plug-in takes its place");
    if (is_set(user, "username") || is_set(user, "password"))
      return unsupported(owner, "username and password", "no API server takes them any more");
    for (const char* key : {"as", "as-uid", "as-groups", "as-user-extra"}) {
      if (is_set(user, key))
        return unsupported(owner, key, "acting as somebody else is not supported yet");
    }
    DROVER_TRY_ASSIGN(to.certificate_pem, pem(user, "client-certificate", owner));
    DROVER_TRY_ASSIGN(std::string key, pem(user, "client-key", owner));
    const bool has_key = !key.empty();
    to.key_pem = Secret(std::move(key));
    if (to.certificate_pem.empty() != !has_key)
      return unusable(fmt::format("{} has no {}", owner,
                                  has_key ? "client-certificate-data" : "client-key-data"));
    DROVER_TRY(read_token(user, to));
    if (is_set(user, "exec")) DROVER_TRY(read_exec(user["exec"], owner, to));
    if (has_key || !to.token.reveal().empty() || !to.token_file.empty() || to.exec) return {};
    return unusable(source_.folder.empty()
                        ? fmt::format("{} has no client-certificate-data", owner)
                        : fmt::format("{} has neither a client certificate, a token nor an exec "
                                      "plug-in",
                                      owner));
  }

  Status read_token(const YAML::Node& user, KubeContext& to) const {
    if (const std::string path = scalar(user, "tokenFile"); !path.empty()) {
      to.token_file = absolute(path);
    } else {
      to.token = Secret(scalar(user, "token"));
    }
    return {};
  }

  Status read_exec(const YAML::Node& exec, const std::string& owner, KubeContext& to) const {
    ExecPlugin plugin;
    plugin.command = scalar(exec, "command");
    if (plugin.command.empty()) return unusable(fmt::format("exec of {} has no command", owner));
    if (plugin.command.find('/') != std::string::npos) plugin.command = absolute(plugin.command);
    plugin.api_version = scalar(exec, "apiVersion");
    constexpr std::string_view kGroup = "client.authentication.k8s.io/";
    if (plugin.api_version != std::string(kGroup) + "v1" &&
        plugin.api_version != std::string(kGroup) + "v1beta1") {
      return unusable(fmt::format("exec of {} has apiVersion \"{}\"; {}v1 and {}v1beta1 are known",
                                  owner, plugin.api_version, kGroup, kGroup));
    }
    if (scalar(exec, "interactiveMode") == "Always")
      return unsupported(owner, "exec with interactiveMode Always",
                         "Drover gives the plug-in no terminal");
    if (const YAML::Node args = exec["args"]; args && args.IsSequence()) {
      for (const YAML::Node& arg : args) plugin.args.push_back(arg.Scalar());
    }
    if (const YAML::Node env = exec["env"]; env && env.IsSequence()) {
      for (const YAML::Node& each : env)
        plugin.env.emplace_back(scalar(each, "name"), scalar(each, "value"));
    }
    plugin.install_hint = scalar(exec, "installHint");
    plugin.provide_cluster_info = is_true(exec, "provideClusterInfo");
    to.exec = std::move(plugin);
    return {};
  }

  const YAML::Node& root_;
  const KubeConfigSource& source_;
};

}  // namespace

bool whole_pem(std::string_view text) {
  return text.find("-----BEGIN ") != text.npos && text.find("\n-----END ") != text.npos &&
         trim(text).ends_with("-----");
}

Result<std::string> read_small_file(const std::string& path) {
  const auto unreadable = [&](const std::string& why) {
    return Error{.kind = ErrorKind::File, .message = fmt::format("{}: {}", path, why)};
  };
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return unreadable("is a folder");
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return unreadable(fmt::format("cannot be read: {}", std::strerror(errno)));
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (file.bad()) return unreadable("cannot be read");
  if (text.size() > kLargestFile) return unreadable("is above 1 MiB");
  return text;
}

Result<std::shared_ptr<const KubeContext>> parse_kubeconfig(std::string_view yaml,
                                                            const KubeConfigSource& source,
                                                            const std::string& context) {
  try {
    const YAML::Node root = YAML::Load(std::string(yaml));
    return Reader(root, source).read(context);
  } catch (const YAML::Exception& error) {
    return Error{.kind = ErrorKind::File,
                 .message = fmt::format("{}: it is not valid YAML at line {}", source.file,
                                        error.mark.line + 1),
                 .remedy = source.remedy};
  }
}

Result<std::shared_ptr<const KubeContext>> read_kubeconfig(const std::string& path,
                                                           const std::string& context,
                                                           const std::string& remedy) {
  Result<std::string> text = read_small_file(path);
  if (!text) {
    Error error = std::move(text).error();
    error.remedy = remedy;
    return error;
  }
  std::error_code ignored;
  const auto folder = std::filesystem::absolute(path, ignored).parent_path();
  auto found = parse_kubeconfig(*text, {path, remedy, folder.string()}, context);
  wipe(*text);
  return found;
}

}  // namespace drover::remote
