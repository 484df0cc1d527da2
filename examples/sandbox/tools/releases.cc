#include "examples/sandbox/tools/releases.h"

#include <cstdlib>
#include <map>

#include "examples/sandbox/tools/packages.h"

namespace drover::sandbox {
namespace {

constexpr const char* kRegistry = "registry.k8s.io";

// 1.33 to 1.35 as their kubeadms said on the bed; the older ones as their release notes do.
const std::map<int, Release>& releases() {
  static const std::map<int, Release> kReleases = {
      {31, {"3.5.24-0", "v1.11.3", "3.10"}},  {32, {"3.5.24-0", "v1.11.3", "3.10"}},
      {33, {"3.5.24-0", "v1.12.0", "3.10"}},  {34, {"3.6.5-0", "v1.12.1", "3.10.1"}},
      {35, {"3.6.6-0", "v1.13.1", "3.10.1"}},
  };
  return kReleases;
}

}  // namespace

int minor_number(const std::string& version) {
  const size_t dot = version.find('.');
  return dot == std::string::npos ? 0 : std::atoi(version.c_str() + dot + 1);
}

std::string minor_of(const std::string& version) { return version.substr(0, version.rfind('.')); }

bool is_before(const std::string& version, const std::string& other) {
  return is_older(version, other);
}

const Release& release_of(const std::string& version) {
  const auto newer = releases().upper_bound(minor_number(version));
  return newer == releases().begin() ? newer->second : std::prev(newer)->second;
}

std::vector<std::string> images_of(const std::string& version, const std::string& registry) {
  const Release& release = release_of(version);
  std::vector<std::string> images;
  for (const char* name :
       {"kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy"}) {
    images.push_back(registry + '/' + name + ':' + version);
  }
  // A registry of one's own has no folder for it.
  images.push_back(registry + (registry == kRegistry ? "/coredns/coredns:" : "/coredns:") +
                   release.coredns);
  images.push_back(registry + "/pause:" + release.pause);
  images.push_back(registry + "/etcd:" + release.etcd);
  return images;
}

}  // namespace drover::sandbox
