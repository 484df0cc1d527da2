#pragma once

#include <map>
#include <set>
#include <string>

#include "orchestrator/api_gate.h"
#include "orchestrator/exec/history.h"
#include "orchestrator/exec/step_runner.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// S18: the API channel leaves a control plane before the first step that changes it, and may
/// return when a step begins that needs its static-pods-healthy. Stands before the runner of a run.
/// Called by the coordinator only.
class ChannelRule final : public StepRunner {
 public:
  /// A control plane that an earlier process left half-way, or whose certificates have expired, is
  /// avoided from the start. All but
  /// `history` must outlive it.
  ChannelRule(const plans::Plan& plan, const History& history, ApiGate& gate, StepRunner& runner);

  void start(const plans::Step& step, StepStart start) override;
  void stop_waiting() override { runner_.stop_waiting(); }

 private:
  std::map<std::string, std::string> healthy_;  ///< id of a static-pods-healthy, and its node
  std::set<std::string> control_planes_;  ///< inventory names: nodes with a static-pods-healthy
  ApiGate& gate_;
  StepRunner& runner_;
};

}  // namespace drover::orchestrator
