#pragma once

#include <functional>

#include "orchestrator/cli/options.h"
#include "orchestrator/console.h"

namespace drover::orchestrator {

/// For commands without an upgrade plan: reads the inventory that `-i` names, else inventory.yaml
/// here, and gives it to `work`. Errors of both are shown on the console. The exit code.
int with_inventory(const Invocation& invocation, const Console& console,
                   const std::function<Result<int>(const Inventory&)>& work);

}  // namespace drover::orchestrator
