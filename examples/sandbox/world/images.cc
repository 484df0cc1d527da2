#include "examples/sandbox/world/images.h"

#include <array>
#include <stdexcept>

#include "examples/sandbox/world/control_plane.h"

namespace drover::sandbox {
namespace {

struct Images {
  const char* minor;
  const char* etcd;
  const char* coredns;
};

// cmd/kubeadm/app/constants of each minor.
constexpr std::array<Images, 3> kImages = {{{"v1.33", "3.5.24-0", "v1.12.0"},
                                            {"v1.34", "3.6.5-0", "v1.12.1"},
                                            {"v1.35", "3.6.6-0", "v1.13.1"}}};

const Images& images_of(const std::string& version) {
  for (const Images& images : kImages)
    if (minor_of(version) == images.minor) return images;
  throw std::runtime_error("no images are known for " + version);
}

}  // namespace

std::string etcd_tag(const std::string& version) { return images_of(version).etcd; }

std::string addon_image(const std::string& workload, const std::string& version) {
  if (workload == "kube-proxy") return "registry.k8s.io/kube-proxy:" + version;
  if (workload == "coredns")
    return std::string("registry.k8s.io/coredns/coredns:") + images_of(version).coredns;
  return "";
}

}  // namespace drover::sandbox
