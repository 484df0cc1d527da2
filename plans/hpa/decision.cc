#include "plans/hpa/decision.h"

#include <algorithm>
#include <charconv>

namespace drover::plans {
namespace {

using std::chrono::seconds;
using Source = ScaleMetric::Source;

MetricValue measured_of(const Autoscaler& hpa, size_t index) {
  const ScaleMetric* found = hpa.measured_of(index);
  return found == nullptr ? MetricValue() : found->target;
}

Proposal propose(const ScaleSituation& situation, size_t index) {
  const ScaleMetric& metric = situation.hpa.metrics[index];
  const Tolerances tolerances = tolerances_of(situation.hpa, situation.settings);
  const int wanted = situation.scale.wanted;
  const bool resource =
      metric.source == Source::Resource || metric.source == Source::ContainerResource;
  const MetricValue measured = resource ? MetricValue() : measured_of(situation.hpa, index);
  if (metric.source == Source::Pods)
    return propose_by_average(metric, measured, wanted, situation.pods, tolerances);
  if (!resource && metric.target.average_value)
    return propose_by_share(metric, measured, situation.scale.current, tolerances);
  if (!resource) return propose_by_value(metric, measured, wanted, situation.pods, tolerances);
  if (!situation.not_measured.empty())
    return {.metric = metric_text(metric), .failure = situation.not_measured};
  return propose_by_pods(metric, wanted, situation.pods,
                         samples_of(situation.measured, metric.name, metric.container), tolerances,
                         situation.settings, situation.now);
}

/// That pods are another autoscaler's as well, only the controller sees.
std::string selector_trouble(const Autoscaler& hpa) {
  const AutoscalerCondition* active = hpa.condition("ScalingActive");
  if (active == nullptr || active->holds) return "";
  const bool selector =
      active->reason == "AmbiguousSelector" || active->reason == "InvalidSelector";
  if (!selector) return "";
  return active->message.empty() ? active->reason : active->message;
}

void by_metrics(const ScaleSituation& situation, ScaleDecision& decision) {
  bool blind = false;
  for (size_t i = 0; i < situation.hpa.metrics.size(); ++i) {
    decision.proposals.push_back(propose(situation, i));
    const Proposal& last = decision.proposals.back();
    blind = blind || last.rule == ProposalRule::Failed;
    if (last.rule == ProposalRule::Failed) continue;
    if (decision.decisive && last.replicas <= decision.proposed) continue;
    decision.decisive = i;
    decision.proposed = last.replicas;
  }
  decision.replicas = decision.wanted;
  decision.refused = selector_trouble(situation.hpa);
  if (!decision.refused.empty()) {
    decision.which = ScaleCase::Blind;
    return;
  }
  // What it cannot see may need the pods.
  if (!decision.decisive || (blind && decision.proposed < decision.wanted)) {
    decision.which = ScaleCase::Blind;
    return;
  }
  decision.limited = limit_scaling(situation.hpa, decision.wanted, decision.proposed,
                                   situation.history, situation.settings, situation.now);
  decision.replicas = decision.limited->replicas;
}

/// Its size was what it recommended, or less than that: no limit from below has changed it.
bool recommended_no_fewer(const Autoscaler& hpa, const AutoscalerCondition& able, int wanted) {
  const AutoscalerCondition* limited = hpa.condition("ScalingLimited");
  return able.reason == "ReadyForNewScale" && hpa.current == wanted && hpa.desired == wanted &&
         limited != nullptr && limited->reason != "TooFewReplicas" &&
         limited->reason != "ScaleDownLimit";
}

/// The controller remembers what it recommended; from outside only its conditions tell of it.
Told told_of(const ScaleSituation& situation, const ScaleDecision& decision, bool down,
             seconds window) {
  const AutoscalerCondition* able = situation.hpa.condition("AbleToScale");
  if (able == nullptr) return Told::Nothing;
  if (able->reason == (down ? "ScaleDownStabilized" : "ScaleUpStabilized")) return Told::Stabilised;
  // It looks again before the window has forgotten that.
  const bool remembers = down && window >= situation.settings.sync;
  return remembers && recommended_no_fewer(situation.hpa, *able, decision.wanted)
             ? Told::Recommended
             : Told::Nothing;
}

void hold_as_told(const ScaleSituation& situation, ScaleDecision& decision) {
  if (!decision.limited || decision.replicas == decision.wanted) return;
  const bool down = decision.replicas < decision.wanted;
  const seconds window = down ? *down_rules(situation.hpa, situation.settings).window
                              : *up_rules(situation.hpa).window;
  decision.told = told_of(situation, decision, down, window);
  if (decision.told != Told::Nothing) {
    decision.replicas = decision.wanted;
    return;
  }
  const auto& holder = decision.limited->holder;
  if (window > seconds(0) && (!holder || holder->at_least)) decision.may_be_held = window;
}

std::optional<int> size_of(const ClusterEvent& event) {
  constexpr std::string_view kBegin = "New size: ";
  if (event.reason != "SuccessfulRescale" || !event.message.starts_with(kBegin))
    return std::nullopt;
  const char* begin = event.message.data() + kBegin.size();
  int size = 0;
  const auto [end, error] =
      std::from_chars(begin, event.message.data() + event.message.size(), size);
  return error == std::errc() && end != begin ? std::optional(size) : std::nullopt;
}

/// Only then the size is what was recommended, or a part of it: of what was taken away, an older
/// recommendation may have been the cause.
bool was_recommended(const ClusterEvent& event) { return event.message.ends_with(" above target"); }

/// 1: it grew, -1: it shrank, 0: the event does not say.
int direction_of(const ClusterEvent& event) {
  const std::string& message = event.message;
  if (was_recommended(event) || message.ends_with(" below Spec.MinReplicas")) return 1;
  if (message.ends_with(" below target") || message.ends_with(" above Spec.MaxReplicas")) return -1;
  return 0;
}

struct SizeSet {
  Timestamp at;
  int size = 0;
  bool recommended = false;
  int direction = 0;
};

/// An event says which size was set, not which there was: that is the size of the one before,
/// unless there is none, or somebody else has changed it in between.
ScaleChange change_to(const SizeSet& set, const SizeSet* before) {
  const int change = before == nullptr ? 0 : set.size - before->size;
  const bool known = change != 0 && (set.direction == 0 || (change > 0) == (set.direction > 0));
  return known ? ScaleChange{set.at, change} : ScaleChange{set.at, set.direction, false};
}

ScaleHistory history_of(std::vector<SizeSet> sizes) {
  std::stable_sort(sizes.begin(), sizes.end(),
                   [](const SizeSet& a, const SizeSet& b) { return a.at < b.at; });
  ScaleHistory history;
  for (size_t i = 0; i < sizes.size(); ++i) {
    const SizeSet& set = sizes[i];
    if (set.recommended) history.recommendations.push_back({set.at, set.size, true});
    history.changes.push_back(change_to(set, i == 0 ? nullptr : &sizes[i - 1]));
  }
  return history;
}

}  // namespace

ScaleDecision decide_scale(const ScaleSituation& situation) {
  const Autoscaler& hpa = situation.hpa;
  ScaleDecision decision;
  decision.wanted = situation.scale.wanted;
  decision.replicas = decision.wanted;
  if (decision.wanted == 0 && hpa.min != 0) {
    decision.which = ScaleCase::Disabled;
  } else if (decision.wanted > hpa.max) {
    decision.which = ScaleCase::AboveMost;
    decision.replicas = hpa.max;
  } else if (decision.wanted < hpa.min) {
    decision.which = ScaleCase::BelowLeast;
    decision.replicas = hpa.min;
  } else {
    by_metrics(situation, decision);
    hold_as_told(situation, decision);
  }
  return decision;
}

ScaleHistory scale_history(const Autoscaler& hpa, const std::vector<ClusterEvent>& events) {
  const auto created = parse_timestamp(hpa.created);
  std::vector<SizeSet> sizes;
  for (const ClusterEvent& event : events) {
    const bool own = event.object.kind == "HorizontalPodAutoscaler" && event.object.ns == hpa.ns &&
                     event.object.name == hpa.name;
    const auto size = own ? size_of(event) : std::nullopt;
    const auto at = parse_timestamp(event.last);
    // An autoscaler of this name that was there before has left its events behind.
    if (created && at && *at < *created) continue;
    if (size && at) sizes.push_back({*at, *size, was_recommended(event), direction_of(event)});
  }
  return history_of(std::move(sizes));
}

}  // namespace drover::plans
