#pragma once

#include "examples/sandbox/tools/apt_call.h"

namespace drover::sandbox {

/// apt-get update: reads the index of each repository of the call's source files. Changes the node
/// only where the lists are the node's own.
int apt_update(Call& call, const AptCall& apt);

}  // namespace drover::sandbox
