#pragma once

#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/history.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/exec/step_runner.h"

namespace drover::orchestrator {

/// Looks whether steps that a run had finished are still done (S5); gives the ids of those that are
/// not, or of which it could not be told: of each host one step is waited for, until its time is
/// up. `runner` must only look, and post to `mailbox`, which is this function's own. Both, and
/// that a host is waited for, is said. Cancelled: `stop` came first.
Result<std::set<std::string>> observe(const std::vector<const plans::Step*>& steps,
                                      const History& history, const std::string& run,
                                      StepRunner& runner, Mailbox& mailbox, EventLog& events,
                                      std::stop_token stop);

}  // namespace drover::orchestrator
