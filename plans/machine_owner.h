#pragma once

#include <optional>
#include <string>

#include "inventory/facts.h"
#include "inventory/inventory.h"

namespace drover::plans {

/// Whether the machine that was reached by SSH is the node's, by the boot ids that both tell: set
/// when it is not, to the node whose machine it is, or to "" when that is not known.
///
/// Only a node that is Ready is asked: of one that is not, the API may still tell the boot before
/// its last. Machines that share a kernel share its boot id, and are not told apart.
std::optional<std::string> other_owner(const ClusterFacts& facts, const Host& host);

}  // namespace drover::plans
