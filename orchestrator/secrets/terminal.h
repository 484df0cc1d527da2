#pragma once

#include <string>

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"

namespace drover::orchestrator {

/// True when a person can be asked on the terminal of this process.
bool has_controlling_terminal();

/// Asks on the terminal itself, whatever stdin and stdout are, and reads a line that does not show.
/// The terminal is as before when this returns, after Ctrl-C too. Errors: Authentication when there
/// is no terminal, no answer or no time left; Cancelled.
Result<std::string> ask_on_terminal(const std::string& question, const remote::Limit& limit);

}  // namespace drover::orchestrator
