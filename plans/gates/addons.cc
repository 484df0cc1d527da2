#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/workload.h"
#include "plans/gates/condition.h"
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
constexpr const char* kVersioned = "kube-proxy";  // the one whose version is the cluster's

// A node that was down before the run keeps its own pod of a DaemonSet down, and that is not waited
// for.
bool rolled_out(const Workload& workload, int down_before) {
  const int wanted = workload.wanted - (workload.kind == "DaemonSet" ? down_before : 0);
  return workload.observed && workload.updated >= wanted && workload.available >= wanted;
}

std::optional<std::string> missing_of(const Step& step, const Workload& workload) {
  const std::string& target = step.param("target");
  const std::string tag = workload.images.empty() ? "" : image_tag(workload.images.front());
  if (workload.name == kVersioned && tag != target) {
    return fmt::format("{} at {} ({} now)", workload.name, target, sanitise(tag, 40));
  }
  const int down_before = static_cast<int>(split_words(step.param("not_ready_before")).size());
  if (rolled_out(workload, down_before)) return std::nullopt;
  return fmt::format("{} to roll out ({} of {} updated, {} available)", workload.full_name(),
                     workload.updated, workload.wanted, workload.available);
}

}  // namespace

Queries look_at_addons(const Step&, const Attempt&) {
  Queries queries;
  for (const Addon& addon : kAddons) queries.requests.push_back(get(addon.path));
  return queries;
}

Result<Findings> judge_addons(const GateInput& input) {
  Findings findings;
  std::vector<std::string> absent;
  for (const Addon& addon : kAddons) {
    const Result<ApiResponse>& answer = input.seen.get(addon.path);
    if (not_found(answer)) {
      absent.emplace_back(addon.name);
      continue;
    }
    if (!answer) return answer.error();
    if (!answer->ok()) return refused(fmt::format("read {}", addon.name), *answer);
    DROVER_TRY_ASSIGN(const Workload workload, parse_workload(answer->body, addon.kind));
    if (auto missing = missing_of(input.step, workload)) {
      findings.unwell.push_back({workload.full_name(), *missing});
    }
  }
  const std::string names = join(absent, " and no ");
  if (absent.empty() || input.attempt.note("absent") == names) return findings;
  findings.remember = {{"absent", names}};
  findings.notices = {{"addon-missing",
                       fmt::format("this cluster has no {} in kube-system: not checked", names),
                       {}}};
  return findings;
}

}  // namespace drover::plans
