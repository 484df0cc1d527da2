#include "plans/drain_preview.h"

#include <algorithm>

#include "plans/drain_policy.h"

namespace drover::plans {
namespace {

/// Refused pods are in ForeseenDrain::blocked_by.
void sort_in(const Pod& pod, const DrainPolicy& policy, const DaemonSets& daemonsets,
             DrainPreview& preview) {
  const PodVerdict verdict = judge_pod(pod, policy, daemonsets);
  if (verdict.fate == PodFate::Ignore) {
    preview.stays.push_back(
        {pod.full_name(), pod.mirror ? StayingPod::Static : StayingPod::OfDaemonSet});
  } else if (pod.deleting) {
    preview.stays.push_back({pod.full_name(), StayingPod::Going});
  } else if (verdict.fate == PodFate::Evict && !pod.finished()) {
    if (!pod.controller) preview.unmanaged.push_back(pod.full_name());
    if (pod.has_emptydir) preview.local_data.push_back(pod.full_name());
  }
}

}  // namespace

std::vector<DrainPreview> preview_drains(const Plan& plan, const std::vector<ChosenNode>& nodes,
                                         const ClusterFacts& facts, const DrainPolicy& policy) {
  const DaemonSets daemonsets = daemonsets_of(facts.workloads);
  std::vector<DrainPreview> previews;
  for (const ChosenNode& node : nodes) {
    DrainPreview preview;
    preview.host = node.host->name;
    const auto drain =
        std::find_if(plan.drains.begin(), plan.drains.end(),
                     [&](const ForeseenDrain& one) { return one.node == node.host->node; });
    if (drain == plan.drains.end()) continue;
    preview.drain = *drain;
    std::vector<const Pod*> pods;
    for (const Pod& pod : facts.pods) {
      if (pod.node == node.host->node) pods.push_back(&pod);
    }
    std::sort(pods.begin(), pods.end(),
              [](const Pod* a, const Pod* b) { return a->full_name() < b->full_name(); });
    for (const Pod* pod : pods) sort_in(*pod, policy, daemonsets, preview);
    previews.push_back(std::move(preview));
  }
  return previews;
}

}  // namespace drover::plans
