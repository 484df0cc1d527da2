#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The rows of `drover logs` and `drover describe` in the table of commands.
CommandSpec logs_spec();
CommandSpec describe_spec();

}  // namespace drover::orchestrator
