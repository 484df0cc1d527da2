#include <fmt/format.h>

#include "plans/steps/catalogue.h"
#include "plans/steps/control_plane_gate.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr Seconds kReadyzAfterRestart{10};

}  // namespace

Step make_static_pods_healthy(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::StaticPodsHealthy, &host,
                         fmt::format("wait until the static pods of {} are back", host.name),
                         "a kubelet of another minor restarts etcd and the API server some seconds "
                         "after itself, while "
                         "the node already counts as Ready");
  describe_gate(step, scope, host);
  configure_health_timeout(step, scope.file);
  step.estimate = std::chrono::seconds{60};
  return step;
}

Queries look_static_pods_healthy(const Step& step, const Attempt& attempt) {
  return gate_queries(gate_of(step), attempt);
}

Decision decide_static_pods_healthy(const Step& step, const Attempt& attempt,
                                    const Answers& answers) {
  Gate gate = gate_of(step);
  gate.tag = step.param("target");
  gate.restarted = true;
  for (const StepKind kind : {StepKind::KubeletRestart, StepKind::StaticPodsRestart}) {
    if (gate.since) break;
    gate.since = parse_epoch(attempt.note_of(sibling(step, kind), "restarted_at"));
  }
  gate.readyz_for = kReadyzAfterRestart;
  return decide_gate(gate, attempt, answers,
                     fmt::format("static pods of {} restarted and well", gate.node));
}

}  // namespace drover::plans
