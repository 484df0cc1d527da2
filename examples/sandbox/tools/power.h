#pragma once

#include "examples/sandbox/tools/call.h"

namespace drover::sandbox {

/// Asks whoever runs the machine to turn it off, and on again if it is a reboot.
int switch_power(Call& call, bool reboot);

}  // namespace drover::sandbox
