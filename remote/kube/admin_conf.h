#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/secret.h"

namespace drover::remote {

/// Who the API server is, and who we are to it. Lives in memory only (S13).
struct ApiCredentials {
  std::string ca_pem;           ///< certificate authority of the cluster, the only one believed
  std::string certificate_pem;  ///< client certificate
  Secret key_pem;               ///< its private key
  std::string server;           ///< `server:` as written, for messages; Drover dials by its own way
};

/// Reads kubeadm's admin.conf: a kubeconfig whose current context has everything embedded. Keys
/// kept in files of their own, tokens and plug-ins are errors (File). The caller wipes `yaml`; what
/// the YAML library copied meanwhile is freed, not overwritten.
Result<std::shared_ptr<const ApiCredentials>> parse_admin_conf(std::string_view yaml);

/// The `--secure-port` in the manifest of the kube-apiserver static pod; where it names none, 6443,
/// which is the API server's own default.
int secure_port(std::string_view yaml);

}  // namespace drover::remote
