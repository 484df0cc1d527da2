#pragma once

#include <string>

#include "remote/clock.h"

namespace drover::orchestrator {

std::string utc_millis(remote::WallTime at);   ///< 2026-11-23T00:17:20.123Z, for events and records
std::string utc_seconds(remote::WallTime at);  ///< 2026-11-23T00:17:20Z
std::string utc_compact(remote::WallTime at);  ///< 20261123T001720Z, for run ids

}  // namespace drover::orchestrator
