#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "examples/sandbox/world/node_log.h"
#include "examples/sandbox/world/pod.h"

namespace drover::sandbox {

/// A node as the cluster knows it.
struct ClusterNode {
  Machine machine;
  int number = 0;  ///< from 1: makes its addresses
  std::string uid;
  Labels labels;
  Labels annotations;
  nlohmann::json spec = nlohmann::json::object();
  Moment created;
  long revision = 0;
  bool ready = true;
  std::string kubelet_version;  ///< as the kubelet said last
  Moment kubelet_since;         ///< its newest start
  std::string boot_id;
  KnownNodeLog files;
  NodeLog log;               ///< as of the last look at them
  size_t kubelets_said = 1;  ///< how many of the log's kubelets have told their version
  std::vector<Outage> outages;

  const std::string& name() const { return machine.name; }
  /// The outage that lasts, or nullptr.
  const Outage* outage() const {
    return outages.empty() || outages.back().back ? nullptr : &outages.back();
  }
  std::vector<Taint> taints() const;
  bool unschedulable() const { return spec.value("unschedulable", false); }
  /// Adds a taint, or removes those of this key; true if that changed anything.
  bool taint(const Taint& taint, Moment now);
  bool untaint(const std::string& key);
};

/// When the kubelet renewed its Lease last.
Moment node_lease_renewed(const ClusterNode& node, const Pace& pace, Moment now);

}  // namespace drover::sandbox
