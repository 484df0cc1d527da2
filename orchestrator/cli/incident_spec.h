#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The row of `drover logs` in the table of commands.
CommandSpec logs_spec();

}  // namespace drover::orchestrator
