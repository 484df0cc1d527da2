#pragma once

#include <filesystem>
#include <string>

namespace drover::sandbox {

/// The cluster's certificate authority, its API server's certificate and its administrator's, made
/// anew for each sandbox.
class Pki {
 public:
  /// Makes them as PEM files in `folder`, which is made (0700) if it is not there: ca.crt,
  /// apiserver.{crt,key}, admin.{crt,key}. The authority's key is kept nowhere. std::runtime_error.
  explicit Pki(std::filesystem::path folder);

  std::string file(const std::string& name) const { return (folder_ / name).string(); }
  /// What kubeadm writes to /etc/kubernetes/admin.conf, for a server on 127.0.0.1.
  std::string admin_conf(int port) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace drover::sandbox
