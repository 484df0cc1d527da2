#pragma once

#include <string>

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// `drover help`: all commands, the global options, the exit codes.
std::string overview_text();

/// `drover help COMMAND`.
std::string command_help(const CommandSpec& command);

/// What an Invocation with CommandId::Help prints; `topic` as there.
std::string help_text(const std::string& topic);

}  // namespace drover::orchestrator
