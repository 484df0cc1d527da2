#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "inventory/cluster/config_map.h"

namespace drover {
namespace {

Error kubeadm_config_error(std::string why) {
  Error error;
  error.kind = ErrorKind::Api;
  error.message = "ConfigMap kube-system/kubeadm-config, ClusterConfiguration: " + std::move(why);
  return error;
}

Result<std::string> text_at(const YAML::Node& map, const std::string& key,
                            const std::string& absent) {
  const YAML::Node value = map[key];
  if (!value || value.IsNull()) return absent;
  if (!value.IsScalar()) return kubeadm_config_error(key + " is not a string");
  return value.Scalar().empty() ? absent : value.Scalar();
}

// A section that may be absent: then an empty map.
Result<YAML::Node> map_at(const YAML::Node& map, const std::string& key) {
  const YAML::Node value = map[key];
  if (!value || value.IsNull()) return YAML::Node(YAML::NodeType::Map);
  if (!value.IsMap()) return kubeadm_config_error(key + " is not a map");
  return value;
}

Result<KubeadmConfig> read_config(const YAML::Node& root) {
  if (!root.IsMap()) return kubeadm_config_error("it is not a map");
  DROVER_TRY_ASSIGN(const std::string kind, text_at(root, "kind", "ClusterConfiguration"));
  if (kind != "ClusterConfiguration") return kubeadm_config_error("kind is \"" + kind + "\"");
  KubeadmConfig config;
  DROVER_TRY_ASSIGN(config.kubernetes_version, text_at(root, "kubernetesVersion", ""));
  if (config.kubernetes_version.empty())
    return kubeadm_config_error("kubernetesVersion is missing");
  // Where kubeadm may leave a field out, its own default stands.
  DROVER_TRY_ASSIGN(config.image_repository, text_at(root, "imageRepository", "registry.k8s.io"));
  DROVER_TRY_ASSIGN(config.control_plane_endpoint, text_at(root, "controlPlaneEndpoint", ""));
  DROVER_TRY_ASSIGN(config.certificates_dir,
                    text_at(root, "certificatesDir", "/etc/kubernetes/pki"));
  DROVER_TRY_ASSIGN(const YAML::Node etcd, map_at(root, "etcd"));
  const YAML::Node external = etcd["external"];
  config.external_etcd = external && !external.IsNull();
  if (!config.external_etcd) {
    DROVER_TRY_ASSIGN(const YAML::Node local, map_at(etcd, "local"));
    DROVER_TRY_ASSIGN(config.etcd_data_dir, text_at(local, "dataDir", "/var/lib/etcd"));
  }
  return config;
}

}  // namespace

Result<KubeadmConfig> parse_kubeadm_config(std::string_view yaml) {
  try {
    return read_config(YAML::Load(std::string(yaml)));
  } catch (const YAML::Exception& failure) {
    return kubeadm_config_error(fmt::format("line {}: {}", failure.mark.line + 1, failure.msg));
  }
}

}  // namespace drover
