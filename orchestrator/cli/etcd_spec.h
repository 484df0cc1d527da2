#pragma once

#include "orchestrator/cli/command_table.h"

namespace drover::orchestrator {

/// The row of `drover etcd` in the table of commands.
CommandSpec etcd_spec();

}  // namespace drover::orchestrator
