#pragma once

#include <string>

#include "inventory/base/result.h"
#include "plans/rollout/past_durations.h"

namespace drover::orchestrator {

/// How long the steps of the newest runs of `cluster` took that did their work, from the journals
/// in the state folder. A run whose journal cannot be read tells nothing: estimates decide nothing
/// but an order. Reads only; without a state folder, nothing.
Result<plans::PastDurations> past_durations(const std::string& state_dir,
                                            const std::string& cluster);

}  // namespace drover::orchestrator
