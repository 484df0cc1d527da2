#pragma once

#include <string>
#include <vector>

#include "orchestrator/cli/options.h"
#include "orchestrator/preview.h"

namespace drover::orchestrator {

/// The whole program: its arguments without its name, its exit code (design 1.2). Call
/// block_signals() first.
int run_program(const std::vector<std::string>& arguments);

int plan_command(const Invocation& invocation);
int check_command(const Invocation& invocation);
int apply_command(const Invocation& invocation);
int resume_command(const Invocation& invocation);
int status_command(const Invocation& invocation);
int runs_command(const Invocation& invocation);
int report_command(const Invocation& invocation);
int pause_command(const Invocation& invocation);
int cancel_command(const Invocation& invocation);
int lock_command(const Invocation& invocation);

/// The exit code for a preview that could not be made.
int exit_code_of(const NoPreview& none);

}  // namespace drover::orchestrator
