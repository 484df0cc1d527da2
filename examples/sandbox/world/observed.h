#pragma once

#include "examples/sandbox/tools/durations.h"
#include "examples/sandbox/world/moment.h"

/// Durations seen on real clusters of 1.33 to 1.34 that the world takes, at speed 1. What kubeadm
/// and apt take is the tools' matter.
namespace drover::sandbox::observed {

// From the moment a manifest is replaced until the component answers again.
inline constexpr Span kEtcdSwap{kApiAwayAfterEtcd};
inline constexpr Span kApiServerSwap{kApiServerRestarts};
inline constexpr Span kComponentSwap{2};  ///< controller-manager, scheduler
inline constexpr Span kRestart{2};        ///< any of them, once its container has been stopped
inline constexpr Span kHangs{10};         ///< API server without etcd, before the kubelet ends it

// After a kubelet of another minor has started: all static pods.
inline constexpr Span kStaticPodsStay{4};
inline constexpr Span kStaticPodsAway{kApiAwayAfterKubelet - kStaticPodsStay.count()};

inline constexpr Span kHalfRead{3};                 ///< permissions, after the API server is back
inline constexpr Span kWatchesAgain{51};            ///< until the last kube-proxy watches again
inline constexpr Span kElection{kSettlesAfterApi};  ///< until a new leader has the old one's Lease
inline constexpr Span kRenewal{2};                  ///< of the leaders' Leases
inline constexpr Span kKubeletSays{1};              ///< its version, after it has started
inline constexpr Span kKubeletRenewal{10};
inline constexpr Span kNotReady{44};  ///< after a node is lost
inline constexpr Span kReady{6};      ///< after it is back

inline constexpr Span kPodStarts{2};
inline constexpr Span kPodTerminates{4};  ///< a preStop of 3 s and what follows
inline constexpr Span kDisrupted{120};    ///< a budget waits so long for the deletion it allowed
inline constexpr Span kDetaches{6};       ///< a volume, after its last pod is gone

}  // namespace drover::sandbox::observed
