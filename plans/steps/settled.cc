#include <fmt/format.h>

#include "inventory/base/duration.h"
#include "plans/gates/baseline.h"
#include "plans/gates/gate.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {

Step make_settled(const Scope& scope, const Host& host) {
  Step step =
      scope.step(StepKind::Settled, &host, "",
                 "a node that falls over right after its upgrade must not take the next one "
                 "with it, and the pods that moved must be well before more of them move");
  step.params = {{"node", host.node}};
  judge_by_marks_before(step, host);
  configure_settled(step, scope.file);
  return step;
}

void configure_settled(Step& step, const UpgradePlan& file) {
  const HealthPolicy& health = file.health;
  configure_gate(step, file);
  step.title = fmt::format("let {} settle for {}", step.node, format_duration(health.settle));
  step.params["settle"] = format_duration(health.settle);
  step.timeout = health.timeout + health.settle;
  step.estimate = health.settle + std::chrono::seconds{1};
}

Queries look_settled(const Step& step, const Attempt& attempt) {
  return gate_queries(step, attempt);
}

Decision decide_settled(const Step& step, const Attempt& attempt, const Answers& answers) {
  GateRound round = judge_gate_round(step, attempt, answers);
  if (round.refused) return fail(*round.refused);
  return decide_round(step, attempt, std::move(round),
                      fmt::format("{} Ready for {}", step.param("node"), step.param("settle")));
}

}  // namespace drover::plans
