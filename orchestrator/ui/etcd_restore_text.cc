#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/etcd_text.h"
#include "orchestrator/ui/step_end_json.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using plans::Step;
using plans::StepKind;

std::vector<std::string> hosts_of(const plans::Plan& plan, StepKind kind) {
  std::vector<std::string> hosts;
  for (const Step& step : plan.steps) {
    if (step.kind == kind) hosts.push_back(step.host);
  }
  return hosts;
}

std::string in_short(const plans::Plan& plan) {
  const std::string control_planes = join(hosts_of(plan, StepKind::StaticPodsStop), ", ");
  return fmt::format(
      "The control plane of {0} is stopped, etcd's data there replaced (the old ones are kept), "
      "and "
      "all of it started again; then the kubelets of {1} are restarted.\n",
      control_planes, join(hosts_of(plan, StepKind::KubeletRestart), ", "));
}

/// Which manifests are replaced, and where those of before will be.
std::string about_manifests(const plans::Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    if (!plans::gives_manifests(step)) continue;
    out += fmt::format(
        "The manifests of {} are replaced by those in {}; the old ones are kept in {} "
        "there.\n",
        step.host, sanitise(step.param("folder")), step.param("kept_manifests"));
  }
  return out;
}

ordered_json manifests_json(const plans::Plan& plan) {
  ordered_json all = ordered_json::array();
  for (const Step& step : plan.steps) {
    if (!plans::gives_manifests(step)) continue;
    all.push_back({{"host", step.host},
                   {"folder", sanitise(step.param("folder"))},
                   {"kept", step.param("kept_manifests")}});
  }
  return all;
}

std::string step_lines(const plans::Plan& plan) {
  std::string out;
  for (const Step& step : plan.steps) {
    out += fmt::format("  {:<34} {}\n", step.id, sanitise(step.title, 160));
  }
  return out;
}

}  // namespace

std::string etcd_restore_preview_text(const plans::Plan& plan, const plans::RestoreSource& source,
                                      bool steps, const TextStyle& style) {
  std::string out = fmt::format(
      "Cluster {}: etcd {} from {}\n  {:.1f} MiB, revision {}, {}SHA-256 {}\n\n", plan.cluster,
      plan.blocked() ? "cannot be restored as it is" : "is to be restored", sanitise(source.path),
      static_cast<double>(source.bytes) / (1 << 20), source.revision,
      source.kubernetes.empty() ? "" : sanitise(source.kubernetes, 40) + ", ", source.sha256);
  out += verdicts_text(plan.verdicts, style);
  if (plan.blocked()) return out;
  out += '\n' + in_short(plan) + about_manifests(plan);
  if (steps) out += step_lines(plan);
  return out;
}

std::string etcd_restore_json(const plans::Plan& plan, const plans::RestoreSource& source,
                              const std::map<std::string, StepFinished>& ends,
                              const std::string& run, int code) {
  ordered_json json = {{"v", 1},
                       {"kind", "EtcdRestore"},
                       {"cluster", plan.cluster},
                       {"run", run.empty() ? ordered_json(nullptr) : ordered_json(run)},
                       {"path", source.path},
                       {"bytes", source.bytes},
                       {"sha256", source.sha256},
                       {"revision", source.revision},
                       {"manifests", manifests_json(plan)},
                       {"steps", ordered_json::array()},
                       {"blockers", ordered_json::array()},
                       {"exit_code", code}};
  for (const Step& step : plan.steps)
    json["steps"].push_back(step_end_json(ordered_json{{"step", step.id}}, step.id, ends));
  for (const plans::Verdict& verdict : plan.verdicts) {
    if (verdict.severity != plans::Severity::Blocker) continue;
    json["blockers"].push_back({{"check", verdict.check},
                                {"subject", verdict.subject},
                                {"message", verdict.message},
                                {"remedy", verdict.remedy}});
  }
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
