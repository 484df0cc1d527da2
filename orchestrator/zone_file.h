#pragma once

#include <string>

#include "plans/rollout/time_zone.h"

namespace drover::orchestrator {

/// The time zone of that IANA name, as this machine has it: below $TZDIR, else /usr/share/zoneinfo.
/// UTC needs no file. Errors: File.
Result<plans::TimeZone> load_time_zone(const std::string& name);

}  // namespace drover::orchestrator
