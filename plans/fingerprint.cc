#include "plans/fingerprint.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/machine_owner.h"

namespace drover::plans {
namespace {

std::string names(const std::set<std::string>& set) {
  return join(std::vector<std::string>(set.begin(), set.end()), " ");
}

std::string api_server_version(const ClusterFacts& facts, const std::string& node) {
  for (const Pod& pod : facts.pods) {
    if (pod.ns == "kube-system" && pod.name == "kube-apiserver-" + node && !pod.images.empty()) {
      return pod.images.front().substr(pod.images.front().rfind(':') + 1);
    }
  }
  return "";
}

}  // namespace

std::map<std::string, std::string> fingerprint(const Inventory& inventory,
                                               const ClusterFacts& facts) {
  std::map<std::string, std::string> print;
  print["cluster/uid"] = facts.uid;
  print["cluster/kubeadm-config"] = facts.kubeadm_config_sha256;
  for (const Node& node : facts.nodes) {
    const Host* host = inventory.find_node(node.name);
    const std::string at = fmt::format("nodes/{}/", node.name);
    print[at + "uid"] = node.uid;
    print[at + "host"] = host == nullptr ? "" : host->name;
    print[at + "role"] = node.is_control_plane() ? "control-plane" : "worker";
    print[at + "kubelet"] = node.kubelet_version;
    if (node.is_control_plane()) print[at + "api-server"] = api_server_version(facts, node.name);
    const auto seen = host == nullptr ? facts.hosts.end() : facts.hosts.find(host->name);
    if (seen == facts.hosts.end()) continue;
    print[at + "kubeadm"] = seen->second.kubeadm_version;
    // Boot ids come and go; that the two tell different ones is what would matter.
    if (const auto owner = other_owner(facts, *host)) {
      print[at + "machine"] = owner->empty() ? "not the node's" : fmt::format("node {}'s", *owner);
    }
    print[at + "holds"] = names(seen->second.held);
    for (const RepositoryLine& line : seen->second.repository) {
      print[fmt::format("{}repository/{}:{}", at, line.file, line.line)] = line.text;
    }
    for (const auto& [package, revisions] : seen->second.offered) {
      print[at + "offered/" + package] = join(revisions, " ");
    }
  }
  for (const PodDisruptionBudget& budget : facts.budgets) {
    print["budgets/" + budget.full_name()] = budget.spec_str();
  }
  return print;
}

}  // namespace drover::plans
