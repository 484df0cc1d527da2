#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The row of `drover certs` in the table of commands.
CommandSpec certs_spec();

}  // namespace drover::orchestrator
