#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plans/gates/condition.h"

/// A gate that asks conditions: what its step reads, and what a round of answers amounts to.
namespace drover::plans {

/// Puts into a step the conditions of its kind that the plan file asks for, what they need, and how
/// often they must hold. Any number of times.
void configure_gate(Step& step, const UpgradePlan& file);

/// One look of all conditions; what two of them want is asked once.
Queries gate_queries(const Step& step, const Attempt& attempt);

/// One round, as it stands in a gate's line.
struct GateRound {
  std::vector<std::string> missing;  ///< each completes "waiting for ..."
  std::vector<std::string> beside;   ///< missing too, but the time to hold may pass meanwhile
  std::string lacks;             ///< with nothing missing: what must be asked first; "": nothing
  std::optional<Error> refused;  ///< the first answer that was none
  Notes remember;
  std::vector<Notice> notices;
};

/// `answers` to kind_of(step.kind).look(), which has at least what gate_queries() says.
GateRound judge_gate_round(const Step& step, const Attempt& attempt, const Answers& answers);

/// The decision of a round: Done{message} when nothing was missing in `consecutive` rounds in a row
/// and for `settle`, both parameters of the step; Wait otherwise. `pause`: to the next round while
/// something is missing.
Decision decide_round(const Step& step, const Attempt& attempt, GateRound round,
                      const std::string& message,
                      std::chrono::milliseconds pause = std::chrono::milliseconds{1000});

}  // namespace drover::plans
