#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/config_map.h"
#include "inventory/cluster/workload.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/control_plane_gate.h"
#include "plans/steps/hold.h"
#include "plans/steps/image_tag.h"
#include "plans/steps/kubeadm_output.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kApplyTimeout{20 * 60};
constexpr std::chrono::seconds kSettleTimeout{7 * 60};
constexpr GateQuery kKubeProxy = kGateQueries;  // asked after the gate's own queries

std::optional<std::string> config_behind(const Result<ApiResponse>& answer,
                                         const std::string& target) {
  const auto map = read_answer(answer, "read kubeadm-config", parse_config_map);
  const auto text = map ? map->data.find("ClusterConfiguration") : decltype(map->data.end()){};
  const bool known = map && text != map->data.end();
  const auto config = known ? parse_kubeadm_config(text->second) : Result<KubeadmConfig>{Error{}};
  if (config && config->kubernetes_version == target) return std::nullopt;
  return "kubeadm-config at " + target;
}

// A cluster without kube-proxy has none to upgrade.
std::optional<std::string> kube_proxy_behind(const Result<ApiResponse>& answer,
                                             const std::string& target) {
  if (not_found(answer)) return std::nullopt;
  if (answer && answer->ok()) {
    const auto proxy = parse_workload(answer->body, "DaemonSet");
    const bool there =
        proxy && !proxy->images.empty() && image_tag(proxy->images.front()) == target;
    if (there) return std::nullopt;
  }
  return "kube-proxy at " + target;
}

bool refuses(const Result<ApiResponse>& answer) {
  return answer && !answer->ok() && !not_found(answer);
}

// What this step is for and does not hold yet. kubelet-config carries no version; kubeadm uploads
// it before it comes to kube-proxy, whose image therefore vouches for it.
std::vector<std::string> behind(const Step& step, const Answers& answers) {
  const std::string& target = step.param("target");
  Gate gate = gate_of(step);
  gate.tag = target;
  const auto pods =
      read_answer(answers.responses.at(kStaticPods), "list the static pods", parse_pod_list);
  std::vector<std::string> list = not_at_tag(gate, pods ? *pods : std::vector<Pod>{});
  if (auto what = config_behind(answers.responses.at(kKubeadmConfigMap), target)) {
    list.push_back(std::move(*what));
  }
  if (auto what = kube_proxy_behind(answers.responses.at(kKubeProxy), target)) {
    list.push_back(std::move(*what));
  }
  return list;
}

std::string apply_command(const Step& step) {
  return fmt::format("kubeadm upgrade apply {} on {}", step.param("target"), step.host);
}

Decision finished(const Step& step, const Attempt& attempt) {
  const CommandResult* result = ended(attempt, 0);
  const auto started = result ? printed_value(result->out, "started_at") : std::nullopt;
  Decision decision =
      done(fmt::format("{} control plane of {} at {}", result ? "the" : "already so: the",
                       step.param("control_plane"), step.param("target")));
  if (started) decision.remember = {{"started_at", *started}};
  return decision;
}

// Nothing was run in this attempt. On a control plane that has not settled kubeadm's health check
// fails, so the gate comes first: at once when all is well, held for 10 s after any trouble.
Decision run_behind_gate(const Attempt& attempt, GateView view) {
  constexpr Seconds kAtOnce{5};
  constexpr Seconds kHeld{10};
  const Seconds least = attempt.elapsed <= kAtOnce ? Seconds{0} : kHeld;
  Decision decision = hold({1, least, view.pause}, attempt, view.missing, "");
  if (std::holds_alternative<Done>(decision.next)) {
    decision = run_unless_lost(attempt, 0);
    decision.remember = forget_gate();
    return decision;
  }
  decision.remember.merge(view.remember);
  return decision;
}

Decision keep_looking(GateView view, const std::string& what) {
  Decision decision = wait_for(what, view.pause);
  decision.remember = std::move(view.remember);
  return decision;
}

}  // namespace

Step make_upgrade_apply(const Scope& scope) {
  const Host& host = scope.first_control_plane;
  Step step = scope.step(
      StepKind::UpgradeApply, &host,
      fmt::format("upgrade the control plane on {} to {}", host.name, scope.target.tag()),
      "kubeadm replaces etcd, API server, controller-manager and scheduler one by one and puts the "
      "old ones back if one does not come up; pods keep running, the API is away for a while");
  step.commands = {
      {fmt::format("echo \"started_at=$(date +%s)\"\n"
                   "exec kubeadm upgrade apply {} --yes{}\n",
                   scope.target.tag(), ignore_preflight_option(scope.file.ignored_preflight)),
       /*mutates=*/true, kApplyTimeout}};
  describe_gate(step, scope, host);
  step.timeout = kApplyTimeout + kSettleTimeout;
  step.estimate = std::chrono::seconds{165};
  return step;
}

Queries look_upgrade_apply(const Step& step, const Attempt& attempt) {
  Queries queries = gate_queries(gate_of(step), attempt);
  if (gate_asks_all(attempt)) {
    queries.requests.push_back(get("/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"));
  }
  return queries;
}

Decision decide_upgrade_apply(const Step& step, const Attempt& attempt, const Answers& answers) {
  // A lost outcome is no result: what is there decides, and running again is right (tried:
  // observed.md).
  const CommandResult* result = ended(attempt, 0);
  if (result != nullptr && !result->ok()) {
    const KubeadmFailure failure = read_kubeadm_failure(apply_command(step), *result);
    if (!failure.passing) return fail(failure.error);
    return retry_behind_gate(step, attempt, answers, failure.error);
  }
  GateView view = judge_gate(gate_of(step), attempt, answers);
  if (!gate_asks_all(attempt)) return keep_looking(view, join(view.missing, ", "));
  if (auto trouble = any_trouble(answers)) return keep_looking(view, *trouble);
  if (refuses(answers.responses.at(kKubeProxy))) return keep_looking(view, "access to kube-proxy");
  const std::vector<std::string> missing = behind(step, answers);
  if (missing.empty()) return finished(step, attempt);
  if (result == nullptr) return run_behind_gate(attempt, std::move(view));
  return keep_looking(view, "the API to show " + join(missing, ", "));
}

}  // namespace drover::plans
