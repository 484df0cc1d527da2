#pragma once

#include <stop_token>
#include <variant>
#include <vector>

#include "inventory/facts.h"
#include "orchestrator/files.h"
#include "orchestrator/fleet.h"

namespace drover::orchestrator {

/// Everything there is to know before a plan: all nodes at once, the API meanwhile. When something
/// cannot be seen, all that could not, causes before echoes. Connections stay open in `fleet`.
std::variant<ClusterFacts, std::vector<Error>> survey(const Files& files, Fleet& fleet,
                                                      std::stop_token stop);

}  // namespace drover::orchestrator
