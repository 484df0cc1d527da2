#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/pod_disruption_budget.h"
#include "inventory/inventory.h"

/// Which machines a node command means.
namespace drover::plans {

struct ChosenNode {
  const Host* host = nullptr;
  bool named = false;  ///< by the operator, not by a selector
};

/// The hosts of the inventory, or the Kubernetes nodes of theirs, that are named, in that order,
/// each once. A Usage error names the nearest one. Refers to the inventory.
Result<std::vector<ChosenNode>> name_nodes(const Inventory& inventory,
                                           const std::vector<std::string>& names);

/// Adds the nodes that the selector takes and nobody has named, in the inventory's order. Refused:
/// it takes none, or one that is not in the inventory.
Status select_nodes(const Inventory& inventory, const std::vector<Node>& nodes,
                    const LabelSelector& selector, std::vector<ChosenNode>& chosen);

}  // namespace drover::plans
