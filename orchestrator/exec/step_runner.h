#pragma once

#include "plans/steps/kind.h"

namespace drover::orchestrator {

/// Begins attempts and reports their ends through the mailbox. Called by the coordinator only.
class StepRunner {
 public:
  virtual ~StepRunner() = default;
  /// Returns at once; a StepEnded for this step follows in the mailbox.
  virtual void start(const plans::Step& step, int number, plans::Attempt attempt) = 0;
  /// Abandons looking and waiting in all steps; node commands are awaited (S15).
  virtual void stop_waiting() = 0;
};

}  // namespace drover::orchestrator
