#pragma once

#include <map>
#include <string>

#include "inventory/facts.h"
#include "inventory/inventory.h"

namespace drover::plans {

/// What a plan was computed from, as path -> value (design 1.4): no pods, status or times. Machines
/// have an entry where they are not their nodes': no plan is made for that, and a saved one must
/// not be carried out.
std::map<std::string, std::string> fingerprint(const Inventory& inventory,
                                               const ClusterFacts& facts);

}  // namespace drover::plans
