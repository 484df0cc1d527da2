#pragma once

#include "plans/plan_state.h"

namespace drover::orchestrator {

/// Asks a person whether to go on at a pause of the plan file. Called by the coordinator only.
class PauseQuestion {
 public:
  virtual ~PauseQuestion() = default;
  /// Returns at once; false when there is nobody to ask. Otherwise a PauseAnswered follows in the
  /// mailbox, unless the question is withdrawn.
  virtual bool ask(plans::Pause pause) = 0;
  virtual void withdraw() = 0;
};

}  // namespace drover::orchestrator
