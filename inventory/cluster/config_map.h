#pragma once

#include <map>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover {

/// core/v1 ConfigMap.
struct ConfigMap {
  std::string name;
  std::map<std::string, std::string> data;
};

Result<ConfigMap> parse_config_map(std::string_view json);

/// What Drover reads of kubeadm's ClusterConfiguration (domain.md §2.11).
struct KubeadmConfig {
  std::string kubernetes_version;  ///< "v1.33.13"
  std::string image_repository;
  std::string control_plane_endpoint;
  std::string certificates_dir;
  std::string etcd_data_dir;  ///< "" with external etcd
  bool external_etcd = false;
};

/// Reads the YAML text under the key ClusterConfiguration of kube-system/kubeadm-config.
Result<KubeadmConfig> parse_kubeadm_config(std::string_view yaml);

}  // namespace drover
