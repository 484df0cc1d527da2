#pragma once

#include <string>

#include "examples/sandbox/tools/kubeadm_words.h"

/// kubeadm's commands. `version`: of the kubeadm that runs, "v1.34.4".
namespace drover::sandbox {

int upgrade_plan(Call& call, const KubeadmWords& words, const std::string& version);
int upgrade_apply(Call& call, const KubeadmWords& words, const std::string& version);
int upgrade_node(Call& call, const KubeadmWords& words, const std::string& version);
int check_expiration(Call& call, const KubeadmWords& words);
/// Of all certificates.
int renew_certificates(Call& call, const KubeadmWords& words);

}  // namespace drover::sandbox
