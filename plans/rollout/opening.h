#pragma once

#include <chrono>
#include <optional>

#include "inventory/rollout_policy.h"
#include "plans/rollout/time_zone.h"

namespace drover::plans {

/// How a maintenance window stands at one moment.
struct Opening {
  bool open = false;
  std::optional<std::chrono::sys_seconds> changes;  ///< when it closes or opens; absent: never
};

/// By wall clocks: where they are put forward or back within the window it is as much shorter or
/// longer. A window that ends at or before its start goes on into the next day, and belongs to the
/// day on which it opens.
bool is_open(const MaintenanceWindow& window, const TimeZone& zone, std::chrono::sys_seconds at);
Opening opening_at(const MaintenanceWindow& window, const TimeZone& zone,
                   std::chrono::sys_seconds at);

/// The longest that it is open without a break; a week if it never closes.
std::chrono::minutes longest_opening(const MaintenanceWindow& window);

/// "Tue 2026-12-01 01:00" by the clocks of the zone.
std::string local_text(const TimeZone& zone, std::chrono::sys_seconds at);

}  // namespace drover::plans
