#include "orchestrator/channel_rule.h"

#include <utility>

namespace drover::orchestrator {

using plans::StepKind;

ChannelRule::ChannelRule(const plans::Plan& plan, const History& history, ApiGate& gate,
                         StepRunner& runner)
    : gate_(gate), runner_(runner) {
  std::set<std::string> half_way;
  for (const plans::Step& step : plan.steps) {
    if (step.kind == StepKind::StaticPodsHealthy) {
      control_planes_.insert(step.node);
      if (history.kept.contains(step.id)) {
        half_way.erase(step.node);
      } else if (history.changed.contains(step.node)) {
        half_way.insert(step.node);
      }
    }
  }
  for (const std::string& host : half_way) gate_.avoid(host);
}

void ChannelRule::start(const plans::Step& step, StepStart start) {
  // The control planes before it in the plan have been through static-pods-healthy.
  if (step.kind == StepKind::CertsRenew) {
    for (const std::string& host : control_planes_) gate_.allow(host);
  }
  if (control_planes_.contains(step.node)) {
    if (changes_node(step)) gate_.avoid(step.node);
    // Both need static-pods-healthy, unless nothing was changed (S1, S10).
    if (step.kind == StepKind::Uncordon || step.kind == StepKind::Settled) gate_.allow(step.node);
  }
  runner_.start(step, std::move(start));
}

}  // namespace drover::orchestrator
