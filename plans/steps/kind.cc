#include "plans/steps/kind.h"

#include "plans/steps/catalogue.h"

namespace drover::plans {
namespace {

constexpr auto kObserve = UnknownPolicy::ObserveAgain;
constexpr auto kAgain = UnknownPolicy::RunAgain;

#define DROVER_ROW(kind, name, id, policy) \
  Kind { StepKind::kind, id, policy, look_##name, decide_##name }

const std::vector<Kind> kKinds = {
    DROVER_ROW(Preflight, preflight, "preflight", kObserve),
    DROVER_ROW(StagePackages, stage_packages, "stage-packages", kAgain),
    DROVER_ROW(StageImages, stage_images, "stage-images", kAgain),
    DROVER_ROW(EtcdSnapshot, etcd_snapshot, "etcd-snapshot", kAgain),
    DROVER_ROW(Repository, repository, "repository", kObserve),
    DROVER_ROW(KubeadmPackage, kubeadm_package, "kubeadm-package", kObserve),
    DROVER_ROW(KubeadmVersion, kubeadm_version, "kubeadm-version", kObserve),
    DROVER_ROW(UpgradePlan, upgrade_plan, "upgrade-plan", kAgain),
    DROVER_ROW(UpgradeApply, upgrade_apply, "upgrade-apply", kObserve),
    DROVER_ROW(UpgradeNode, upgrade_node, "upgrade-node", kAgain),
    DROVER_ROW(ControlPlaneHealthy, control_plane_healthy, "control-plane-healthy", kObserve),
    DROVER_ROW(Cordon, cordon, "cordon", kObserve),
    DROVER_ROW(Drain, drain, "drain", kObserve),
    DROVER_ROW(KubeletPackage, kubelet_package, "kubelet-package", kObserve),
    DROVER_ROW(KubeletRestart, kubelet_restart, "kubelet-restart", kAgain),
    DROVER_ROW(NodeHealthy, node_healthy, "node-healthy", kObserve),
    DROVER_ROW(StaticPodsHealthy, static_pods_healthy, "static-pods-healthy", kObserve),
    DROVER_ROW(Uncordon, uncordon, "uncordon", kObserve),
    DROVER_ROW(Settled, settled, "settled", kObserve),
    DROVER_ROW(AddonsHealthy, addons_healthy, "addons-healthy", kObserve),
    DROVER_ROW(Verify, verify, "verify", kObserve),
};
#undef DROVER_ROW

}  // namespace

const std::vector<Kind>& all_kinds() { return kKinds; }

const Kind& kind_of(StepKind kind) { return kKinds[static_cast<size_t>(kind)]; }

}  // namespace drover::plans
