#pragma once

#include <string>

namespace drover::orchestrator {

/// The version of Kubernetes that kubeadm-config has in a snapshot that was verified: "v1.33.13".
/// "": it has none, or has it encrypted.
std::string kubernetes_of(const std::string& path);

/// The same of the object as etcd stores it.
std::string kubernetes_in(const std::string& kubeadm_config);

}  // namespace drover::orchestrator
