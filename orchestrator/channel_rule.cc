#include "orchestrator/channel_rule.h"

#include <utility>

#include "plans/steps/catalogue.h"

namespace drover::orchestrator {

using plans::StepKind;

ChannelRule::ChannelRule(const plans::Plan& plan, const History& history, ApiGate& gate,
                         StepRunner& runner)
    : gate_(gate), runner_(runner) {
  std::set<std::string> half_way;
  for (const plans::Step& step : plan.steps) {
    if (plans::renews_expired(step)) half_way.insert(step.node);
    if (step.kind == StepKind::StaticPodsHealthy) {
      control_planes_.insert(step.node);
      healthy_[step.id] = step.node;
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
  // Nothing else tells when the control plane before this one may be taken again.
  if (step.kind == StepKind::CertsRenew || step.kind == StepKind::StaticPodsRestart) {
    for (const std::string& need : step.needs) {
      if (const auto found = healthy_.find(need); found != healthy_.end())
        gate_.allow(found->second);
    }
  }
  if (control_planes_.contains(step.node)) {
    if (changes_node(step)) gate_.avoid(step.node);
    // Both need static-pods-healthy, unless nothing was changed (S1, S10).
    if (step.kind == StepKind::Uncordon || step.kind == StepKind::Settled) gate_.allow(step.node);
  }
  runner_.start(step, std::move(start));
}

}  // namespace drover::orchestrator
