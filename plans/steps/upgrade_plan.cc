#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "inventory/cluster/json.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/control_plane_gate.h"
#include "plans/steps/kubeadm_output.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kPlanTimeout{5 * 60};
constexpr std::chrono::seconds kPlanSettles{5 * 60};

// The JSON object among whatever else is printed: its first line is "{", its last one "}".
std::string json_part(const std::string& out) {
  std::string part;
  for (const std::string& line : split_lines(out)) {
    if (part.empty() && line.rfind('{', 0) != 0) continue;
    part += line + '\n';
    if (line == "}") break;
  }
  return part;
}

// "etcd 3.5.24-0 -> 3.6.5-0": what kubeadm itself would change. Packages are not its business.
std::vector<std::string> upgrades(const JsonField& plan) {
  std::vector<std::string> list;
  for (const JsonField& upgrade : plan["availableUpgrades"].items()) {
    for (const JsonField& component : upgrade["components"].items()) {
      const std::string name = component["name"].text();
      const std::string from = component["currentVersion"].text();
      const std::string to = component["newVersion"].text();
      if (name == "kubelet" || name == "kubeadm" || from == to) continue;
      std::string text = sanitise(fmt::format("{} {} -> {}", name, from, to), 100);
      if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(std::move(text));
    }
  }
  return list;
}

std::vector<std::string> manual_groups(const JsonField& plan) {
  std::vector<std::string> groups;
  for (const JsonField& config : plan["configVersions"].items()) {
    if (!config["manualUpgradeRequired"].flag()) continue;
    groups.push_back(
        sanitise(fmt::format("{} ({} to {})", config["group"].text(),
                             config["currentVersion"].text(), config["preferredVersion"].text()),
                 160));
  }
  return groups;
}

Error manual(const std::vector<std::string>& groups) {
  Error error;
  error.kind = ErrorKind::Refused;
  error.message = fmt::format("kubeadm cannot carry over the component configuration of {}",
                              join(groups, ", "));
  error.remedy = "convert it by hand to the version that kubeadm prefers, then `drover resume`";
  return error;
}

Result<Decision> judge_output(const CommandResult& result) {
  DROVER_TRY_ASSIGN(const JsonValue object, parse_json(json_part(result.out), "UpgradePlan"));
  std::string problem;
  const JsonField plan(&object, "", &problem);
  const std::vector<std::string> groups = manual_groups(plan);
  const std::vector<std::string> list = upgrades(plan);
  if (!problem.empty()) {
    Error error;
    error.kind = ErrorKind::Command;
    error.message = fmt::format("cannot read what `kubeadm upgrade plan` printed: {}", problem);
    error.detail = result.out;
    return error;
  }
  if (!groups.empty()) return manual(groups);
  if (list.empty()) return done("kubeadm sees nothing to upgrade");
  return done(fmt::format("kubeadm will upgrade {}", join(list, ", ")));
}

std::string plan_command(const Step& step) {
  return fmt::format("kubeadm upgrade plan {} on {}", step.param("target"), step.host);
}

}  // namespace

Step make_upgrade_plan(const Scope& scope) {
  const Host& host = scope.first_control_plane;
  Step step =
      scope.step(StepKind::UpgradePlan, &host,
                 fmt::format("let kubeadm check the way to {}", scope.target.tag()),
                 "kubeadm's own checks, with a small Job in kube-system, before anything of "
                 "the control plane changes");
  // Named, or kubeadm waits 20 s for the internet to tell it a version.
  const std::string script =
      fmt::format("exec kubeadm upgrade plan {} -o json{}\n", scope.target.tag(),
                  ignore_preflight_option(scope.file.ignored_preflight));
  step.commands = {{script, /*mutates=*/true, kPlanTimeout}};
  describe_gate(step, scope, host);
  step.timeout = kPlanTimeout + kPlanSettles;
  step.estimate = std::chrono::seconds{5};
  return step;
}

Queries look_upgrade_plan(const Step& step, const Attempt& attempt) {
  const CommandResult* result = ended(attempt, 0);
  if (result == nullptr || result->ok()) return {};
  return gate_queries(gate_of(step), attempt);
}

Decision decide_upgrade_plan(const Step& step, const Attempt& attempt, const Answers& answers) {
  const CommandResult* result = ended(attempt, 0);
  if (result == nullptr) return run_unless_lost(attempt, 0);
  if (result->ok()) return or_fail(judge_output(*result));
  const KubeadmFailure failure = read_kubeadm_failure(plan_command(step), *result);
  if (!failure.passing) return fail(failure.error);
  return retry_behind_gate(step, attempt, answers, failure.error);
}

}  // namespace drover::plans
