#pragma once

#include <vector>

#include "orchestrator/state/run_memory.h"
#include "plans/steps/kind.h"

namespace drover::orchestrator {

/// What an attempt begins with.
struct StepStart {
  int number = 1;
  plans::Attempt attempt;
  std::vector<OpenCommand> open = {};  ///< commands of earlier attempts without a known outcome
  bool again = false;  ///< the operator's word: of those, one that still runs is ended
};

/// Begins attempts and reports their ends through the mailbox. Called by the coordinator only.
class StepRunner {
 public:
  virtual ~StepRunner() = default;
  /// Returns at once; a StepEnded for this step follows in the mailbox.
  virtual void start(const plans::Step& step, StepStart start) = 0;
  /// Abandons looking and waiting in all steps; node commands are awaited (S15).
  virtual void stop_waiting() = 0;
};

}  // namespace drover::orchestrator
