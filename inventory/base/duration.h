#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover {

/// Reads "90s", "15m", "1h30m" (units h, m, s in that order, each at most once).
Result<std::chrono::seconds> parse_duration(std::string_view text);

/// "1h30m", "15m", "90s" becomes "1m30s"; 0 is "0s".
std::string format_duration(std::chrono::seconds value);

/// As Go prints one: "15.234s", "5m0s", "1h2m3.5s", "100ms"; what is finer than a millisecond is
/// cut off. Nothing when it is none, or above a hundred days.
std::optional<std::chrono::milliseconds> parse_go_duration(std::string_view text);

}  // namespace drover
