#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The commands that show lists.
CommandSpec events_spec();
CommandSpec top_spec();

}  // namespace drover::orchestrator
