#pragma once

#include <optional>
#include <string>

#include "orchestrator/lock/holder.h"

namespace drover::orchestrator {

/// The process that has the lock file at `path` now; nothing when it is free, or when it cannot be
/// told who has it. Changes nothing, and gets in no one's way.
std::optional<Holder> holder_of(const std::string& path);

}  // namespace drover::orchestrator
