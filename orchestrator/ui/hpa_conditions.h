#pragma once

#include <string>

#include "inventory/cluster/autoscaler.h"

namespace drover::orchestrator {

/// What an autoscaler's controller says of it, for programs: a list, as part of a document.
std::string autoscaler_conditions_json(const Autoscaler& hpa);

}  // namespace drover::orchestrator
