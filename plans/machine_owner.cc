#include "plans/machine_owner.h"

#include <algorithm>

namespace drover::plans {

std::optional<std::string> other_owner(const ClusterFacts& facts, const Host& host) {
  const Node* node = facts.find_node(host.node);
  const auto machine = facts.hosts.find(host.name);
  if (node == nullptr || !node->ready || machine == facts.hosts.end()) return std::nullopt;
  const std::string& boot = machine->second.boot_id;
  if (boot.empty() || node->boot_id.empty() || boot == node->boot_id) return std::nullopt;
  const auto has_it = [&](const Node& other) { return other.boot_id == boot; };
  const auto owner = std::find_if(facts.nodes.begin(), facts.nodes.end(), has_it);
  // Several that share a kernel: it may be any of them.
  const bool one = std::count_if(facts.nodes.begin(), facts.nodes.end(), has_it) == 1;
  return one ? owner->name : "";
}

}  // namespace drover::plans
