#include "plans/drain_policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <tuple>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

PodVerdict refuse(std::string reason, std::string override_key) {
  return {PodFate::Refuse, std::move(reason), std::move(override_key)};
}

// Each filter gives its verdict, or passes the pod on to the next one, with what its going costs.
using Filtered = std::optional<PodVerdict>;
using Losses = std::set<DrainLoss>;

Filtered filter_daemonset(const Pod& pod, const DrainPolicy& policy, const DaemonSets& daemonsets,
                          Losses& losses) {
  const auto& owner = pod.controller;
  if (!owner || owner->kind != "DaemonSet" || owner->api_version != "apps/v1") return std::nullopt;
  if (pod.finished()) return std::nullopt;
  if (daemonsets.count(pod.ns + "/" + owner->name) == 0) {
    losses.insert(DrainLoss::NoController);
    if (policy.force) return std::nullopt;
    return refuse(fmt::format("its DaemonSet {} is gone, so nothing would start it again",
                              sanitise(owner->name, 80)),
                  "drain.force");
  }
  if (policy.ignore_daemonsets) {
    return PodVerdict{PodFate::Ignore, "", "", {DrainLoss::IgnoredDaemonSet}};
  }
  return refuse("belongs to a DaemonSet, which would start it on the node again at once",
                "drain.ignore_daemonsets");
}

Filtered filter_mirror(const Pod& pod) {
  if (!pod.mirror) return std::nullopt;
  return PodVerdict{PodFate::Ignore, "", ""};
}

Filtered filter_local_data(const Pod& pod, const DrainPolicy& policy, Losses& losses) {
  if (!pod.has_emptydir || pod.finished()) return std::nullopt;
  losses.insert(DrainLoss::LocalData);
  if (policy.delete_emptydir_data) return std::nullopt;
  return refuse("has an emptyDir volume, whose data would be lost", "drain.delete_emptydir_data");
}

Filtered filter_unreplicated(const Pod& pod, const DrainPolicy& policy, Losses& losses) {
  if (pod.controller || pod.finished()) return std::nullopt;
  losses.insert(DrainLoss::NoController);
  if (policy.force) return std::nullopt;
  return refuse("has no controller, so nothing would start it again", "drain.force");
}

void add_refused(const std::string& pod, PodVerdict verdict, DrainSelection& selection) {
  auto& refused = selection.refused;
  auto known = std::find_if(refused.begin(), refused.end(), [&](const RefusedPods& one) {
    return one.reason == verdict.reason && one.override_key == verdict.override_key;
  });
  if (known == refused.end()) {
    known = refused.insert(refused.end(),
                           {std::move(verdict.reason), std::move(verdict.override_key), {}});
  }
  known->pods.push_back(pod);
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
  Losses losses;
  if (auto verdict = filter_daemonset(pod, policy, daemonsets, losses)) return *verdict;
  if (auto verdict = filter_mirror(pod)) return *verdict;
  if (auto verdict = filter_local_data(pod, policy, losses)) return *verdict;
  if (auto verdict = filter_unreplicated(pod, policy, losses)) return *verdict;
  return {PodFate::Evict, "", "", std::move(losses)};
}

DrainSelection select_pods(PodList pods, const DrainPolicy& policy, const DaemonSets& daemonsets) {
  std::sort(pods.begin(), pods.end(), [](const Pod* a, const Pod* b) {
    return std::tie(a->ns, a->name) < std::tie(b->ns, b->name);
  });
  DrainSelection selection;
  for (const Pod* pod : pods) {
    PodVerdict verdict = judge_pod(*pod, policy, daemonsets);
    const std::string name = pod->full_name();
    if (verdict.fate == PodFate::Refuse && !pod->deleting) {
      add_refused(name, std::move(verdict), selection);
      continue;
    }
    if (!pod->deleting) {
      for (const DrainLoss loss : verdict.loss) selection.loss[loss].push_back(name);
    }
    (verdict.fate == PodFate::Ignore ? selection.ignored : selection.evict).push_back(pod);
  }
  return selection;
}

std::string loss_text(DrainLoss loss, const std::vector<std::string>& pods, size_t most) {
  const std::string_view what = loss == DrainLoss::IgnoredDaemonSet ? "ignoring pods of DaemonSets"
                                : loss == DrainLoss::LocalData
                                    ? "deleting pods with local storage"
                                    : "deleting pods that no controller starts again";
  return fmt::format("{}: {}", what, some_of(pods, most));
}

std::string refusal_text(const RefusedPods& refused, size_t most) {
  return fmt::format("{}: {} ({} overrides)", some_of(refused.pods, most), refused.reason,
                     refused.override_key);
}

}  // namespace drover::plans
