#pragma once

#include "plans/steps/kind.h"
#include "plans/steps/scope.h"

/// One builder a step kind; each stands in steps/<kind>.cc beside the kind's look() and decide().
namespace drover::plans {

Step make_preflight(const Scope& scope);
Step make_stage_packages(const Scope& scope, const Host& host);
Step make_stage_images(const Scope& scope, const Host& host);
Step make_etcd_snapshot(const Scope& scope);
Step make_repository(const Scope& scope, const Host& host);
Step make_kubeadm_package(const Scope& scope, const Host& host);
Step make_kubeadm_version(const Scope& scope, const Host& host);
Step make_upgrade_plan(const Scope& scope);
Step make_upgrade_apply(const Scope& scope);
Step make_upgrade_node(const Scope& scope, const Host& host);
Step make_control_plane_healthy(const Scope& scope, const Host& host);
Step make_cordon(const Scope& scope, const Host& host);
Step make_drain(const Scope& scope, const Host& host);
Step make_kubelet_package(const Scope& scope, const Host& host);
Step make_reboot(const Scope& scope, const Host& host);
Step make_kubelet_restart(const Scope& scope, const Host& host);
Step make_node_healthy(const Scope& scope, const Host& host);
Step make_static_pods_healthy(const Scope& scope, const Host& host);
Step make_uncordon(const Scope& scope, const Host& host);
Step make_settled(const Scope& scope, const Host& host);

/// The param `cordon_of` of an uncordon that the operator asked for: the run whose cordon goes, or
/// this, whoever made it. Without the param only the run's own goes (S10).
inline constexpr std::string_view kAnyCordon = "*";
Step make_addons_healthy(const Scope& scope);
Step make_verify(const Scope& scope);
/// Of the member on this control plane.
Step make_etcd_defrag(const Scope& scope, const Host& host);
/// How a control plane's certificates are renewed.
struct Renewal {
  /// kubeadm may go by its defaults, because it cannot read the cluster's configuration; otherwise
  /// the step fails before anything is renewed.
  bool by_defaults = false;
  std::string run = {};  ///< its id, in the name of the folder where they are kept as they were
  /// Where kubeadm has those that are in no kubeconfig.
  std::string folder = "/etc/kubernetes/pki";
  /// The cluster's ClusterConfiguration, where kubeadm cannot read it because what it has has
  /// expired and the API is reached elsewhere; "": kubeadm reads it from the cluster.
  std::string configuration = {};
};
/// All certificates that kubeadm looks after on this control plane, those in its kubeconfigs too.
Step make_certs_renew(const Scope& scope, const Host& host, const Renewal& renewal);
/// What that control plane had has expired, and the API is reached through others: until this step
/// is done.
bool renews_expired(const Step& step);
/// Its static pods, one after the other, so that they read what is new in their files.
Step make_static_pods_restart(const Scope& scope, const Host& host);
/// The same while the API is away: nothing is asked and nothing waited for.
Step make_static_pods_restart_unseen(const Scope& scope, const Host& host);
bool restarts_unseen(const Step& step);

/// The pure halves of each kind, referred to by the table in kind.cc.
#define DROVER_KIND(name)                                        \
  Queries look_##name(const Step& step, const Attempt& attempt); \
  Decision decide_##name(const Step& step, const Attempt& attempt, const Answers& answers)

DROVER_KIND(preflight);
DROVER_KIND(stage_packages);
DROVER_KIND(stage_images);
DROVER_KIND(etcd_snapshot);
DROVER_KIND(repository);
DROVER_KIND(kubeadm_package);
DROVER_KIND(kubeadm_version);
DROVER_KIND(upgrade_plan);
DROVER_KIND(upgrade_apply);
DROVER_KIND(upgrade_node);
DROVER_KIND(control_plane_healthy);
DROVER_KIND(cordon);
DROVER_KIND(drain);
DROVER_KIND(kubelet_package);
DROVER_KIND(reboot);
DROVER_KIND(kubelet_restart);
DROVER_KIND(node_healthy);
DROVER_KIND(static_pods_healthy);
DROVER_KIND(uncordon);
DROVER_KIND(settled);
DROVER_KIND(addons_healthy);
DROVER_KIND(verify);
DROVER_KIND(etcd_defrag);
DROVER_KIND(snapshot_present);
DROVER_KIND(static_pods_stop);
DROVER_KIND(etcd_restore_data);
DROVER_KIND(etcd_start);
DROVER_KIND(etcd_quorum);
DROVER_KIND(api_server_start);
DROVER_KIND(controllers_start);
DROVER_KIND(restore_verified);
DROVER_KIND(certs_renew);
DROVER_KIND(static_pods_restart);
#undef DROVER_KIND

void configure_control_plane_healthy(Step& step, const UpgradePlan& file);
void configure_drain(Step& step, const UpgradePlan& file);
void configure_preflight(Step& step, const UpgradePlan& file);
void configure_settled(Step& step, const UpgradePlan& file);
/// For gates of which the file gives the deadline alone.
void configure_health_timeout(Step& step, const UpgradePlan& file);

}  // namespace drover::plans
