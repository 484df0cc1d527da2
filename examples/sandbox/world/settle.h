#pragma once

#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// Brings the world to `now`: reads the nodes' files, and lets everything happen that was due since
/// the last time, in the order in which it was due.
void settle(World& world, Moment now);

/// A machine is switched off, or its cable cut. std::invalid_argument: there is none of this name.
void lose(World& world, const std::string& node, Moment now);
/// It is there again. `rebooted`: all that ran on it has ended.
void regain(World& world, const std::string& node, bool rebooted, Moment now);

}  // namespace drover::sandbox
