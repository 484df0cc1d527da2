#include "plans/rollout/past_durations.h"

#include <algorithm>
#include <optional>

#include "plans/steps/kind.h"

namespace drover::plans {

using std::chrono::seconds;

void PastDurations::add(const std::string& kind, const std::string& node, seconds took) {
  kinds_[kind][node] = took;
  medians_.erase(kind);
}

std::optional<seconds> PastDurations::of(const std::string& kind, const std::string& node) const {
  const auto nodes = kinds_.find(kind);
  if (nodes == kinds_.end()) return std::nullopt;
  if (const auto own = nodes->second.find(node); own != nodes->second.end()) return own->second;
  if (const auto median = medians_.find(kind); median != medians_.end()) return median->second;
  std::vector<seconds> all;
  for (const auto& [name, took] : nodes->second) all.push_back(took);
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return medians_[kind] = *middle;
}

void expect(std::vector<Step>& steps, const PastDurations& past) {
  for (Step& step : steps) {
    if (step.kind == StepKind::Settled) continue;  // health.settle
    const auto took = past.of(std::string(kind_of(step.kind).name), step.node);
    if (took) step.estimate = std::clamp(*took, seconds(1), std::max(step.timeout, seconds(1)));
  }
}

}  // namespace drover::plans
