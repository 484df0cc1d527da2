#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace drover::orchestrator {

std::string plural(std::size_t count, std::string_view word);  ///< "1 step", "2 steps"

/// "0.4s", "12s", "2m10s".
std::string duration_text(double seconds);

/// "2026-11-22 21:10:00 UTC" of an RFC 3339 time in UTC; "-" when there is none.
std::string clock_text(std::string_view time);
/// "21:10:00" of the same.
std::string time_of_day(std::string_view time);

/// From one such time to another, not below zero.
std::chrono::seconds between(std::string_view from, std::string_view to);

}  // namespace drover::orchestrator
