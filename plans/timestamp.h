#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace drover::plans {

/// A moment by one of the cluster's own clocks. Plans read no clock: such moments are only compared
/// with each other, never with the time here.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;

/// RFC 3339 as the Kubernetes API prints it: "2026-11-22T21:14:08Z", with or without a fraction.
std::optional<Timestamp> parse_timestamp(std::string_view text);

/// Seconds since 1970 as date(1) prints them: "1795382048", with or without a fraction.
std::optional<Timestamp> parse_epoch(std::string_view text);

}  // namespace drover::plans
