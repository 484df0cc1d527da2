#pragma once

#include <vector>

#include "examples/sandbox/control/commands.h"
#include "examples/sandbox/node/node.h"
#include "examples/sandbox/node/power.h"

namespace drover::sandbox {

/// What can be done to the nodes; control/syntax.cc says how each is asked for. Both must outlive
/// the commands.
Commands node_commands(const std::vector<Node*>& nodes, Power& power);

}  // namespace drover::sandbox
