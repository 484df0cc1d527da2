#pragma once

#include <string>

namespace drover::sandbox {

/// The tag of etcd's image that kubeadm of this version's minor asks for; std::runtime_error: a
/// minor that nobody has told of here.
std::string etcd_tag(const std::string& version);

/// The image that `kubeadm upgrade apply` gives an add-on; empty: it is none of kubeadm's.
std::string addon_image(const std::string& workload, const std::string& version);

}  // namespace drover::sandbox
