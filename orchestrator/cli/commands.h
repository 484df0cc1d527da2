#pragma once

#include "orchestrator/cli/options.h"

namespace drover::orchestrator {

/// Runs what was asked for; the process's exit code (design 1.2). Call block_signals() first.
int run_command(const Invocation& invocation);

int plan_command(const Invocation& invocation);
int check_command(const Invocation& invocation);
int apply_command(const Invocation& invocation);

}  // namespace drover::orchestrator
