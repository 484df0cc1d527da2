#pragma once

#include <stop_token>

#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/executor.h"
#include "orchestrator/fleet.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// `apply --dry-run`: the plan through the same executor, with ports that cannot change anything
/// and a journal that keeps nothing (S2). Every step looks, and says what it would do.
RunEnd dry_run(const plans::Plan& plan, Fleet& fleet, const std::string& run, EventLog& events,
               Mailbox& mailbox);

}  // namespace drover::orchestrator
