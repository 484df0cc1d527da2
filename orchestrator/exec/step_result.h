#pragma once

#include <string>
#include <vector>

#include "inventory/base/error.h"
#include "orchestrator/event.h"
#include "plans/steps/kind.h"

namespace drover::orchestrator {

/// How one attempt at a step ended.
struct StepResult {
  StepStatus status = StepStatus::Succeeded;
  std::string message;
  Error error;         ///< with Failed and Unknown
  bool again = false;  ///< with Failed: its kind allows another attempt
  /// With Failed: what it waited for when its time was up. Empty: it failed for another reason.
  std::vector<std::string> blocked_by = {};
  plans::Notes notes;  ///< for later steps
  double duration_s = 0;
  bool would_change = false;  ///< nothing may be changed, and the step is not so yet
};

}  // namespace drover::orchestrator
