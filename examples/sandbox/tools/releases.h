#pragma once

#include <string>
#include <vector>

namespace drover::sandbox {

/// What kubeadm installs beside Kubernetes itself, by minor.
struct Release {
  std::string etcd;     ///< "3.6.5-0"
  std::string coredns;  ///< "v1.12.1"
  std::string pause;    ///< "3.10.1"
};

/// Of "v1.34.4". What is newer than the newest one known has that one's.
const Release& release_of(const std::string& version);

/// "v1.34" of "v1.34.4".
std::string minor_of(const std::string& version);

/// The number: 34.
int minor_number(const std::string& version);

/// Whether the one release is older: numbers, part by part.
bool is_before(const std::string& version, const std::string& other);

/// All images of a version, in kubeadm's order.
std::vector<std::string> images_of(const std::string& version, const std::string& registry);

}  // namespace drover::sandbox
