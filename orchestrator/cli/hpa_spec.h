#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The row of `drover hpa` in the table of commands.
CommandSpec hpa_spec();

}  // namespace drover::orchestrator
