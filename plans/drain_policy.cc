#include "plans/drain_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

PodVerdict refuse(std::string reason, std::string override_key) {
  return {PodFate::Refuse, std::move(reason), std::move(override_key)};
}

// Each filter gives its verdict, or passes the pod on to the next one.
using Filtered = std::optional<PodVerdict>;

Filtered filter_daemonset(const Pod& pod, const DrainPolicy& policy, const DaemonSets& daemonsets) {
  const auto& owner = pod.controller;
  if (!owner || owner->kind != "DaemonSet" || owner->api_version != "apps/v1") return std::nullopt;
  if (pod.finished()) return std::nullopt;
  if (daemonsets.count(pod.ns + "/" + owner->name) == 0) {
    if (policy.force) return std::nullopt;
    return refuse(fmt::format("its DaemonSet {} is gone, so nothing would start it again",
                              sanitise(owner->name, 80)),
                  "drain.force");
  }
  if (policy.ignore_daemonsets) return PodVerdict{PodFate::Ignore, "", ""};
  return refuse("belongs to a DaemonSet, which would start it on the node again at once",
                "drain.ignore_daemonsets");
}

Filtered filter_mirror(const Pod& pod) {
  if (!pod.mirror) return std::nullopt;
  return PodVerdict{PodFate::Ignore, "", ""};
}

Filtered filter_local_data(const Pod& pod, const DrainPolicy& policy) {
  if (!pod.has_emptydir || pod.finished() || policy.delete_emptydir_data) return std::nullopt;
  return refuse("has an emptyDir volume, whose data would be lost", "drain.delete_emptydir_data");
}

Filtered filter_unreplicated(const Pod& pod, const DrainPolicy& policy) {
  if (pod.controller || pod.finished() || policy.force) return std::nullopt;
  return refuse("has no controller, so nothing would start it again", "drain.force");
}

}  // namespace

DaemonSets daemonsets_of(const std::vector<Workload>& workloads) {
  DaemonSets names;
  for (const Workload& workload : workloads) {
    if (workload.kind == "DaemonSet") names.insert(workload.full_name());
  }
  return names;
}

PodVerdict judge_pod(const Pod& pod, const DrainPolicy& policy, const DaemonSets& daemonsets) {
  if (auto verdict = filter_daemonset(pod, policy, daemonsets)) return *verdict;
  if (auto verdict = filter_mirror(pod)) return *verdict;
  if (auto verdict = filter_local_data(pod, policy)) return *verdict;
  if (auto verdict = filter_unreplicated(pod, policy)) return *verdict;
  return {};
}

DrainSelection select_pods(std::vector<Pod> pods, const DrainPolicy& policy,
                           const DaemonSets& daemonsets) {
  std::sort(pods.begin(), pods.end(),
            [](const Pod& a, const Pod& b) { return a.full_name() < b.full_name(); });
  DrainSelection selection;
  for (Pod& pod : pods) {
    const PodVerdict verdict = judge_pod(pod, policy, daemonsets);
    if (verdict.fate == PodFate::Ignore) {
      selection.ignored.push_back(std::move(pod));
    } else if (verdict.fate == PodFate::Evict || pod.deleting) {
      selection.evict.push_back(std::move(pod));
    } else {
      selection.refused.push_back(fmt::format("{}: {} ({} overrides)", pod.full_name(),
                                              verdict.reason, verdict.override_key));
    }
  }
  return selection;
}

}  // namespace drover::plans
