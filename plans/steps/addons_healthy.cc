#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/gates/baseline.h"
#include "plans/gates/gate.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {

Step make_addons_healthy(const Scope& scope) {
  Step step = scope.step(
      StepKind::AddonsHealthy, nullptr, "wait until CoreDNS and kube-proxy are rolled out",
      "kubeadm changed both with the control plane; names and services must work "
      "before pods are moved about");
  std::vector<std::string> not_ready;
  for (const Node& node : scope.facts.nodes) {
    if (!node.ready) not_ready.push_back(node.name);
  }
  step.params = {{"target", scope.target.tag()}, {"not_ready_before", join(not_ready, " ")}};
  judge_by_marks_at_start(step);
  configure_gate(step, scope.file);
  step.estimate = std::chrono::seconds{5};
  return step;
}

Queries look_addons_healthy(const Step& step, const Attempt& attempt) {
  return gate_queries(step, attempt);
}

Decision decide_addons_healthy(const Step& step, const Attempt& attempt, const Answers& answers) {
  GateRound round = judge_gate_round(step, attempt, answers);
  if (round.refused) return fail(*round.refused);
  const std::string& before = attempt.note("absent");
  const auto now = round.remember.find("absent");
  const std::string absent = now == round.remember.end() ? before : now->second;
  return decide_round(step, attempt, std::move(round),
                      absent.empty() ? "CoreDNS and kube-proxy rolled out"
                                     : fmt::format("rolled out; this cluster has no {}", absent));
}

}  // namespace drover::plans
