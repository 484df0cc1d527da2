#include "plans/steps/kind.h"

#include "plans/gates/baseline.h"
#include "plans/gates/gate.h"
#include "plans/steps/catalogue.h"

namespace drover::plans {
namespace {

constexpr auto kObserve = UnknownPolicy::ObserveAgain;
constexpr auto kAgain = UnknownPolicy::RunAgain;

#define DROVER_ROW(kind, name, id, policy, ...) \
  Kind { StepKind::kind, id, policy, look_##name, decide_##name __VA_OPT__(, ) __VA_ARGS__ }

const std::vector<Kind> kKinds = {
    DROVER_ROW(Preflight, preflight, "preflight", kObserve, configure_preflight),
    DROVER_ROW(StagePackages, stage_packages, "stage-packages", kAgain),
    DROVER_ROW(StageImages, stage_images, "stage-images", kAgain),
    DROVER_ROW(EtcdSnapshot, etcd_snapshot, "etcd-snapshot", kAgain),
    DROVER_ROW(Repository, repository, "repository", kObserve),
    DROVER_ROW(KubeadmPackage, kubeadm_package, "kubeadm-package", kObserve),
    DROVER_ROW(KubeadmVersion, kubeadm_version, "kubeadm-version", kObserve),
    DROVER_ROW(UpgradePlan, upgrade_plan, "upgrade-plan", kAgain),
    DROVER_ROW(UpgradeApply, upgrade_apply, "upgrade-apply", kObserve),
    DROVER_ROW(UpgradeNode, upgrade_node, "upgrade-node", kAgain),
    DROVER_ROW(ControlPlaneHealthy, control_plane_healthy, "control-plane-healthy", kObserve,
               configure_control_plane_healthy),
    DROVER_ROW(Cordon, cordon, "cordon", kObserve, configure_baselines),
    DROVER_ROW(Drain, drain, "drain", kObserve, configure_drain),
    DROVER_ROW(KubeletPackage, kubelet_package, "kubelet-package", kObserve),
    DROVER_ROW(Reboot, reboot, "reboot", kObserve),
    DROVER_ROW(KubeletRestart, kubelet_restart, "kubelet-restart", kAgain),
    DROVER_ROW(NodeHealthy, node_healthy, "node-healthy", kObserve, configure_gate),
    DROVER_ROW(StaticPodsHealthy, static_pods_healthy, "static-pods-healthy", kObserve,
               configure_health_timeout),
    DROVER_ROW(Uncordon, uncordon, "uncordon", kObserve),
    DROVER_ROW(Settled, settled, "settled", kObserve, configure_settled),
    DROVER_ROW(AddonsHealthy, addons_healthy, "addons-healthy", kObserve, configure_gate),
    DROVER_ROW(Verify, verify, "verify", kObserve, configure_health_timeout),
    DROVER_ROW(EtcdDefrag, etcd_defrag, "etcd-defrag", kAgain),
    // Trusted once they are done: what one does, a later one takes back or builds upon.
    DROVER_ROW(SnapshotPresent, snapshot_present, "snapshot-present", kAgain),
    DROVER_ROW(StaticPodsStop, static_pods_stop, "static-pods-stop", kAgain),
    DROVER_ROW(EtcdRestoreData, etcd_restore_data, "etcd-restore-data", kAgain),
    DROVER_ROW(EtcdStart, etcd_start, "etcd-start", kAgain),
    DROVER_ROW(EtcdQuorum, etcd_quorum, "etcd-quorum", kAgain),
    DROVER_ROW(ApiServerStart, api_server_start, "api-server-start", kAgain),
    DROVER_ROW(ControllersStart, controllers_start, "controllers-start", kAgain),
    DROVER_ROW(RestoreVerified, restore_verified, "restore-verified", kAgain),
    DROVER_ROW(CertsRenew, certs_renew, "certs-renew", kAgain),
    DROVER_ROW(StaticPodsRestart, static_pods_restart, "static-pods-restart", kAgain),
};
#undef DROVER_ROW

}  // namespace

void configure_health_timeout(Step& step, const UpgradePlan& file) {
  step.timeout = file.health.timeout;
}

std::string_view not_skipped_because(StepKind kind) {
  switch (kind) {
    case StepKind::EtcdSnapshot:
      return "it is the only way back for the control plane";
    case StepKind::Cordon:
    case StepKind::Drain:
      return "a node is emptied before its kubelet changes; once its pods are gone it passes by "
             "itself";
    case StepKind::Repository:
    case StepKind::KubeadmPackage:
    case StepKind::KubeadmVersion:
    case StepKind::UpgradeApply:
    case StepKind::UpgradeNode:
    case StepKind::KubeletPackage:
    case StepKind::KubeletRestart:
      return "the steps after it need what it does; done by hand, it passes by itself";
    case StepKind::SnapshotPresent:
    case StepKind::StaticPodsStop:
    case StepKind::EtcdRestoreData:
    case StepKind::EtcdStart:
    case StepKind::EtcdQuorum:
    case StepKind::ApiServerStart:
    case StepKind::ControllersStart:
      return "without it the members of etcd would not have the same data, or the cluster no "
             "control plane";
    case StepKind::StaticPodsRestart:
      return "what runs there would go on with the old certificates";
    case StepKind::Uncordon:
      return "a node that stays cordoned would be forgotten";
    case StepKind::Preflight:
    case StepKind::StagePackages:
    case StepKind::StageImages:
    case StepKind::UpgradePlan:
    case StepKind::ControlPlaneHealthy:
    case StepKind::Reboot:
    case StepKind::NodeHealthy:
    case StepKind::StaticPodsHealthy:
    case StepKind::Settled:
    case StepKind::AddonsHealthy:
    case StepKind::Verify:
    case StepKind::EtcdDefrag:
    case StepKind::RestoreVerified:
    case StepKind::CertsRenew:
      return "";
  }
  return "";
}

const std::vector<Kind>& all_kinds() { return kKinds; }

const Kind& kind_of(StepKind kind) { return kKinds[static_cast<size_t>(kind)]; }

}  // namespace drover::plans
