#include "orchestrator/etcd/snapshot_version.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "inventory/base/version.h"
#include "orchestrator/etcd/bolt_file.h"

namespace drover::orchestrator {

std::string kubernetes_in(const std::string& kubeadm_config) {
  constexpr std::string_view kField = "kubernetesVersion: ";  // of the YAML within, as it is
  const size_t at = kubeadm_config.find(kField);
  if (at == std::string::npos) return "";
  const size_t begin = at + kField.size();
  const size_t end = std::min(kubeadm_config.find_first_of("\n\r", begin), kubeadm_config.size());
  const auto version = parse_kube_version(kubeadm_config.substr(begin, end - begin));
  return version ? version->tag() : "";
}

std::string kubernetes_of(const std::string& path) {
  constexpr std::uint64_t kChecksum = 32;
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return "";
  struct stat info {};
  std::string version;
  if (fstat(fd, &info) == 0 && static_cast<std::uint64_t>(info.st_size) > kChecksum) {
    const auto value = newest_value(fd, static_cast<std::uint64_t>(info.st_size) - kChecksum,
                                    "/registry/configmaps/kube-system/kubeadm-config");
    if (value) version = kubernetes_in(*value);
  }
  close(fd);
  return version;
}

}  // namespace drover::orchestrator
