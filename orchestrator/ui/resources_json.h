#pragma once

#include "inventory/cluster/usage.h"

namespace drover::orchestrator {

/// Amounts in one unit each, for programs: thousandths of a core, and bytes. `Json`: an
/// nlohmann::basic_json.
template <class Json>
Json resources_json(const Resources& resources) {
  return {{"cpu_m", resources.cpu.milli()}, {"memory_bytes", resources.memory.value()}};
}

}  // namespace drover::orchestrator
