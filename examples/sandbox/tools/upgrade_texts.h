#pragma once

#include <string>

namespace drover::sandbox {

/// The names of one run of `kubeadm upgrade`: what differs from one to the next in what it prints.
struct UpgradeNames {
  std::string target;  ///< "v1.34.4"
  std::string from;
  std::string kubeadm;
  std::string fresh_manifests;  ///< folders below /etc/kubernetes/tmp
  std::string old_manifests;
  std::string old_etcd;
  std::string old_config;
  std::string old_environment;
};

/// Random and of this moment, as kubeadm of the target's minor makes them.
UpgradeNames new_upgrade_names(const std::string& target, const std::string& from,
                               const std::string& kubeadm);

enum class UpgradeCommand { Apply, NodeOfControlPlane, NodeOfWorker };

/// What a run prints, from the recording of the same command that is nearest to its target.
struct UpgradeTexts {
  std::string out;
  std::string warns_at_checks;
  std::string warns_at_images;
  std::string warns_at_kubelet;
};

UpgradeTexts upgrade_texts(UpgradeCommand command, const UpgradeNames& names);

}  // namespace drover::sandbox
