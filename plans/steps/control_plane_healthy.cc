#include <fmt/format.h>

#include "plans/steps/catalogue.h"
#include "plans/steps/control_plane_gate.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr Seconds kReadyzFor{10};
// A kubelet blocked on its own API server needs minutes (observed.md, trap 3); and some for the
// API.
constexpr std::chrono::seconds kLeastTimeout{5 * 60};
constexpr std::chrono::seconds kAllowance{2 * 60};

}  // namespace

Step make_control_plane_healthy(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::ControlPlaneHealthy, &host,
                         fmt::format("wait until the control plane of {} is well", host.name),
                         "its parts are restarting one after the other; whoever goes on too early "
                         "meets refused connections and half-read permissions");
  describe_gate(step, scope, host);
  configure_control_plane_healthy(step, scope.file);
  step.estimate = std::chrono::seconds{12};
  return step;
}

void configure_control_plane_healthy(Step& step, const UpgradePlan& file) {
  step.timeout = std::max(file.health.timeout, kLeastTimeout) + kAllowance;
}

Queries look_control_plane_healthy(const Step& step, const Attempt& attempt) {
  return gate_queries(gate_of(step), attempt);
}

Decision decide_control_plane_healthy(const Step& step, const Attempt& attempt,
                                      const Answers& answers) {
  Gate gate = gate_of(step);
  gate.tag = step.param("target");
  gate.restarted = true;
  gate.since = parse_epoch(attempt.note_of(sibling(step, StepKind::UpgradeApply), "started_at"));
  gate.readyz_for = kReadyzFor;
  return decide_gate(gate, attempt, answers,
                     fmt::format("control plane of {} well at {}", gate.node, gate.tag));
}

}  // namespace drover::plans
