#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

/// The manifests of a control plane, read in the same way wherever they lie.
namespace drover::plans {

inline constexpr std::string_view kManifestFolder = "/etc/kubernetes/manifests";

/// In the order in which kubeadm replaces them.
inline constexpr std::string_view kComponents[] = {"etcd", "kube-apiserver",
                                                   "kube-controller-manager", "kube-scheduler"};

/// What they say that a restore needs to know.
struct Manifests {
  std::string name;      ///< of etcd's member
  std::string peer_url;  ///< of it; the only one, or the first
  std::string data = "/var/lib/etcd";
  std::string wal;                            ///< "": below `data`
  std::map<std::string, std::string> images;  ///< of all, by component
  std::string address;                        ///< --advertise-address of the API server
  /// Of the components of Kubernetes, the tag of the image: "v1.33.13"; "" when it has none.
  std::map<std::string, std::string> versions;
  std::map<std::string, std::string> sha256;  ///< of each file that is there, by component
  std::map<std::string, std::string> wrong;   ///< why a file that is there is no manifest of it

  /// "": it has none.
  std::string image_of(std::string_view component) const {
    const auto found = images.find(std::string(component));
    return found == images.end() ? "" : found->second;
  }
  bool has(std::string_view component) const { return sha256.contains(std::string(component)); }
};

/// `texts`: of the files that are there, by component.
Manifests read_manifests(const std::map<std::string, std::string>& texts);

}  // namespace drover::plans
