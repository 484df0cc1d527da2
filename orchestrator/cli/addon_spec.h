#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The row of `drover addon` in the table of commands.
CommandSpec addon_spec();

}  // namespace drover::orchestrator
