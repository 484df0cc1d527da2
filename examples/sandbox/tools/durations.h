#pragma once

/// How long things took on the real bed, in seconds: single calls, and what the control plane does
/// by itself when its manifests are swapped or its kubelet changes minor. Kubernetes 1.33 to 1.35,
/// one control plane.
namespace drover::sandbox {

inline constexpr double kReadLists = 0.3;       ///< apt reads its lists, dpkg its database
inline constexpr double kUpdate = 0.4;          ///< apt-get update
inline constexpr double kUnpackPackage = 0.45;  ///< one package
inline constexpr double kSetUpPackage = 0.15;
inline constexpr double kMarkPackages = 0.2;       ///< apt-mark
inline constexpr double kFetchPerMegabyte = 0.01;  ///< from a mirror
inline constexpr double kPullImage = 1.5;
inline constexpr double kRestartKubelet = 0.55;
inline constexpr double kSaveSnapshot = 0.4;
inline constexpr double kDefrag = 0.1;
inline constexpr double kStopContainer = 0.3;
inline constexpr double kStopEtcd = 7.5;
inline constexpr double kStopApiServer = 30;  ///< it awaits its watches for as long as it may
inline constexpr double kRenewCertificates = 1.5;

inline constexpr double kUpgradePlan = 4.5;
inline constexpr double kUpgradeNodeWorker = 0.5;
/// kubeadm's health-check Job: how long it takes, and how long it is waited for in vain.
inline constexpr double kHealthCheckJob = 3;
inline constexpr double kHealthCheckGivenUp = 15;

/// `upgrade apply`: checks until etcd's manifest is swapped, then what kubeadm waits for each
/// component after its swap, then the rest. 165 s in all.
inline constexpr double kBeforeEtcd = 6;
inline constexpr double kEtcdRestarts = 58;
inline constexpr double kApiServerRestarts = 58;
inline constexpr double kOtherRestarts = 19;
inline constexpr double kAfterStaticPods = 5;

/// The API does not answer for so long after a swap, when kubeadm goes on after it and when it was
/// killed.
inline constexpr double kApiAwayInApply = kEtcdRestarts + kApiServerRestarts;
inline constexpr double kApiAwayAfterEtcd = 68;
inline constexpr double kApiAwayAfterApiServer = 41;
/// After a kubelet of another minor was started all static pods are.
inline constexpr double kApiAwayAfterKubelet = 50;
/// When it answers again, scheduler and controller-manager still look for their leases for so long:
/// Jobs do not get done.
inline constexpr double kSettlesAfterApi = 12;

}  // namespace drover::sandbox
