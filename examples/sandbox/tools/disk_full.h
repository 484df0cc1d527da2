#pragma once

#include <string>

#include "examples/sandbox/tools/call.h"

namespace drover::sandbox {

/// What the tool says when there is no room to write `path`; its exit code is returned.
int say_disk_full(const Call& call, const std::string& path);

}  // namespace drover::sandbox
