#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/workload.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/image_tag.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

struct Addon {
  const char* kind;
  const char* name;
  const char* path;
};

constexpr Addon kAddons[] = {
    {"Deployment", "coredns", "/apis/apps/v1/namespaces/kube-system/deployments/coredns"},
    {"DaemonSet", "kube-proxy", "/apis/apps/v1/namespaces/kube-system/daemonsets/kube-proxy"},
};
constexpr size_t kKubeProxy = 1;

// A node that was down before the run keeps its own pod of a DaemonSet down, and that is not waited
// for.
bool rolled_out(const Workload& workload, int down_before) {
  const int wanted = workload.wanted - (workload.kind == "DaemonSet" ? down_before : 0);
  return workload.observed && workload.updated >= wanted && workload.available >= wanted;
}

std::string progress(const Workload& workload) {
  return fmt::format("{} to roll out ({} of {} updated, {} available)", workload.full_name(),
                     workload.updated, workload.wanted, workload.available);
}

Result<Decision> judge(const Step& step, const Answers& answers) {
  const std::string& target = step.param("target");
  const int down_before = static_cast<int>(split_words(step.param("not_ready_before")).size());
  std::vector<std::string> missing;
  std::vector<std::string> absent;
  for (size_t i = 0; i < std::size(kAddons); ++i) {
    const Result<ApiResponse>& answer = answers.responses[i];
    if (not_found(answer)) {
      absent.emplace_back(kAddons[i].name);
      continue;
    }
    if (!answer->ok()) return refused(fmt::format("read {}", kAddons[i].name), *answer);
    DROVER_TRY_ASSIGN(const Workload workload, parse_workload(answer->body, kAddons[i].kind));
    const std::string tag = workload.images.empty() ? "" : image_tag(workload.images.front());
    if (i == kKubeProxy && tag != target) {
      missing.push_back(fmt::format("kube-proxy at {} ({} now)", target, sanitise(tag, 40)));
    } else if (!rolled_out(workload, down_before)) {
      missing.push_back(progress(workload));
    }
  }
  if (!missing.empty()) return wait_for(join(missing, ", "));
  Decision decision = done("CoreDNS and kube-proxy rolled out");
  if (!absent.empty()) {
    decision = done(fmt::format("rolled out, apart from {}", join(absent, " and ")));
    decision.notices = {{"addon-missing",
                         fmt::format("this cluster has no {} in kube-system: not checked",
                                     join(absent, " and no ")),
                         {}}};
  }
  return decision;
}

}  // namespace

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
  configure_health_timeout(step, scope.file);
  step.estimate = std::chrono::seconds{5};
  return step;
}

Queries look_addons_healthy(const Step&, const Attempt&) {
  Queries queries;
  for (const Addon& addon : kAddons) queries.requests.push_back(get(addon.path));
  return queries;
}

Decision decide_addons_healthy(const Step& step, const Attempt&, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  return or_fail(judge(step, answers));
}

}  // namespace drover::plans
