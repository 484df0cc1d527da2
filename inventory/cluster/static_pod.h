#pragma once

#include <map>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover {

/// What Drover reads of the manifest of a static pod of a control plane, as kubeadm writes them.
struct StaticPod {
  std::string image;                         ///< "registry.k8s.io/etcd:3.5.24-0"
  std::map<std::string, std::string> flags;  ///< of its command line, without "--"

  /// "" when the command line does not have it.
  const std::string& flag(std::string_view name) const;
};

/// Reads the YAML text of the manifest of `component`. A File error says why it is none.
Result<StaticPod> parse_static_pod(std::string_view yaml, const std::string& component);

/// "v1.33.13" of "registry.k8s.io/kube-apiserver:v1.33.13"; "" when it has no tag.
std::string image_tag(std::string_view image);

}  // namespace drover
