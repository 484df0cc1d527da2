#pragma once

#include <nlohmann/json.hpp>

#include "inventory/cluster/autoscaler.h"

namespace drover::orchestrator {

/// What an autoscaler's controller says of it, for programs.
nlohmann::ordered_json conditions_json(const Autoscaler& hpa);

}  // namespace drover::orchestrator
