#include "examples/sandbox/world/cluster_node.h"

#include <algorithm>

namespace drover::sandbox {

using nlohmann::json;

std::vector<Taint> ClusterNode::taints() const {
  std::vector<Taint> taints;
  for (const json& one : spec.value("taints", json::array())) {
    taints.push_back({one.at("key"), one.value("value", ""), one.at("effect")});
  }
  return taints;
}

bool ClusterNode::taint(const Taint& taint, Moment now) {
  for (const Taint& one : taints())
    if (one.key == taint.key && one.effect == taint.effect) return false;
  spec["taints"].push_back(
      {{"key", taint.key}, {"effect", taint.effect}, {"timeAdded", stamp(now)}});
  return true;
}

bool ClusterNode::untaint(const std::string& key) {
  if (!spec.contains("taints")) return false;
  json& taints = spec["taints"];
  const auto kept = std::remove_if(taints.begin(), taints.end(),
                                   [&](const json& one) { return one.at("key") == key; });
  if (kept == taints.end()) return false;
  taints.erase(kept, taints.end());
  if (taints.empty()) spec.erase("taints");
  return true;
}

Moment node_lease_renewed(const ClusterNode& node, const Pace& pace, Moment now) {
  const Outage* outage = node.outage();
  const Moment last = outage != nullptr ? std::min(outage->lost, now) : now;
  if (last <= node.kubelet_since) return node.kubelet_since;
  const Span period = pace.of(observed::kKubeletRenewal);
  const auto renewals = static_cast<long>(Span(last - node.kubelet_since) / period);
  return after(node.kubelet_since, static_cast<double>(renewals) * period);
}

}  // namespace drover::sandbox
