#include <fmt/format.h>

#include "plans/steps/catalogue.h"
#include "plans/steps/control_plane_gate.h"
#include "plans/steps/kubeadm_output.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kUpgradeNodeTimeout{5 * 60};
constexpr std::chrono::seconds kNodeSettleTimeout{5 * 60};

}  // namespace

Step make_upgrade_node(const Scope& scope, const Host& host) {
  Step step = scope.step(
      StepKind::UpgradeNode, &host,
      fmt::format("give {} the kubelet configuration of {}", host.name, scope.target.tag()),
      "kubeadm writes the node's kubelet configuration for the new version and clears away flags "
      "that "
      "the new kubelet does not know");
  step.commands = {{fmt::format("exec kubeadm upgrade node{}\n",
                                ignore_preflight_option(scope.file.ignored_preflight)),
                    /*mutates=*/true, kUpgradeNodeTimeout}};
  describe_gate(step, scope, scope.first_control_plane);
  step.timeout = kUpgradeNodeTimeout + kNodeSettleTimeout;
  step.estimate = std::chrono::seconds{1};
  return step;
}

Queries look_upgrade_node(const Step& step, const Attempt& attempt) {
  const CommandResult* result = ended(attempt, 0);
  if (result == nullptr || result->ok()) return {};
  return gate_queries(gate_of(step), attempt);
}

// Nothing on the node tells whether this was done for the new version, so it is always run (once).
Decision decide_upgrade_node(const Step& step, const Attempt& attempt, const Answers& answers) {
  const CommandResult* result = ended(attempt, 0);
  if (result == nullptr) return run_unless_lost(attempt, 0);
  if (result->ok()) return done(fmt::format("kubelet configuration of {} written", step.host));
  const KubeadmFailure failure =
      read_kubeadm_failure(fmt::format("kubeadm upgrade node on {}", step.host), *result);
  if (!failure.passing) return fail(failure.error);
  return retry_behind_gate(step, attempt, answers, failure.error);
}

}  // namespace drover::plans
