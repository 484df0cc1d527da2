#pragma once

#include "orchestrator/cli/options.h"
#include "orchestrator/console.h"
#include "orchestrator/control/control_line.h"
#include "orchestrator/state/run_list.h"

namespace drover::orchestrator {

/// Asks the process that has `run` by its control socket, and says what happens now; the exit code.
int tell_run(const Invocation& invocation, const Console& console, const ListedRun& run,
             ControlAsk ask);

}  // namespace drover::orchestrator
