#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "inventory/base/error.h"

namespace drover::orchestrator {

/// The last `most` lines of what the other side said, each behind `margin` and a bar, sanitised
/// (S13). Empty when it said no more than the message tells.
std::string detail_text(const Error& error, std::size_t most, std::string_view margin);

}  // namespace drover::orchestrator
