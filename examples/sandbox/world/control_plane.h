#pragma once

#include <string>
#include <vector>

#include "examples/sandbox/world/node_log.h"

namespace drover::sandbox {

/// The container of one component of a control plane at some moment.
struct StaticPod {
  std::string component;
  std::string version;  ///< of Kubernetes, of etcd's pod too
  Moment started;       ///< of the newest container, in whole seconds
  int starts = 0;       ///< how many there were before it
  bool running = true;  ///< false: the old one is gone, the new one has not started
};

/// One control plane as time passes: worked out from what its node's files say was begun when, so
/// that it is the same whenever, and however often, somebody asks.
///
/// Observed: when etcd's manifest is replaced, the API server does not answer for a while and is
/// then gone, until it is back with the etcd of the new manifest; a kubelet of another minor
/// restarts all static pods some seconds after itself.
class ControlPlane {
 public:
  enum class Api {
    Answers,
    Hangs,  ///< takes requests and answers none: its etcd is gone
    Gone,   ///< refuses connections
  };

  /// `born`: when the containers started that ran before all that `log` tells of.
  ControlPlane(const NodeLog& log, Moment born, const Pace& pace, std::vector<Outage> outages = {});

  Api api(Moment now) const;
  /// The API server is back and has not read all permissions yet: some requests are refused.
  bool half_read(Moment now) const;
  /// How many of `clients` have asked again for what they watched, since the API was away.
  int watching_again(int clients, Moment now) const;
  StaticPod pod(const std::string& component, Moment now) const;
  /// When the leader election of a component that runs at `now` was won.
  Moment leads_since(const std::string& component, Moment now) const;
  /// Version and moment of the upgrade that ended last, by `now`.
  const Began& upgraded(Moment now) const;
  /// When each upgrade came to its end, the newest last.
  const std::vector<Began>& upgrades() const { return upgrades_; }

 private:
  struct Restart {
    std::string component;
    std::string version;  ///< empty: as before
    Moment down;
    Moment up;
    bool all_at_once = false;  ///< by the kubelet, not by a new manifest
  };
  void replace_manifests(const NodeLog& log);
  void restart_containers(const NodeLog& log);
  void restart_by_kubelets(const NodeLog& log);
  void restart_by_reboots();
  void complete_versions();
  bool is_away(const std::string& component) const;

  Pace pace_;
  std::vector<Began> upgrades_;
  std::vector<Outage> outages_;
  std::vector<std::string> away_;  ///< no manifest, no pod
  std::vector<Restart> restarts_;  ///< in the order of `down`; each component's first is its birth
};

/// "v1.34" of "v1.34.4".
std::string minor_of(const std::string& version);

}  // namespace drover::sandbox
