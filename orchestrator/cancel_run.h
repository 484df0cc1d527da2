#pragma once

#include "orchestrator/cli/options.h"
#include "orchestrator/state/run_list.h"

namespace drover::orchestrator {

/// `drover cancel` for a run that no process has: takes the cluster's lock, uncordons the nodes
/// that the run cordoned and did not change, ends the run for good in its journal, and says so.
/// `run` is unfinished. Complains on stderr itself; gives the exit code.
int cancel_here(const Invocation& invocation, const ListedRun& run);

}  // namespace drover::orchestrator
