#include "inventory/facts.h"

#include <algorithm>

namespace drover {

const Node* ClusterFacts::find_node(std::string_view name) const {
  const auto found = std::lower_bound(
      nodes.begin(), nodes.end(), name,
      [](const Node& node, std::string_view wanted) { return node.name < wanted; });
  return found != nodes.end() && found->name == name ? &*found : nullptr;
}

}  // namespace drover
