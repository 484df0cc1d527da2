#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/kube/kubeconfig.h"

namespace drover::remote {

/// Reads kubeadm's admin.conf: a kubeconfig whose current context has everything embedded. Keys
/// kept in files of their own, tokens and plug-ins are errors (File). The caller wipes `yaml`, as
/// with parse_kubeconfig().
Result<std::shared_ptr<const ApiCredentials>> parse_admin_conf(std::string_view yaml);

/// The `--secure-port` in the manifest of the kube-apiserver static pod; where it names none, 6443,
/// which is the API server's own default.
int secure_port(std::string_view yaml);

}  // namespace drover::remote
