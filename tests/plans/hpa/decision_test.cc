#include "plans/hpa/decision.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "plans/hpa/drain_fit.h"

namespace drover::plans {
namespace {

using std::chrono::seconds;

const Timestamp kDecisionNow = *parse_timestamp("2026-11-28T10:00:00Z");

ScaleMetric cpu(int percent) { return {.name = "cpu", .target = {.utilization = percent}}; }

/// As many pods, each of one core, of which it uses so many thousandths; they are on w1, w2, w1,
/// ...
ScaleSituation with(int pods, const char* uses) {
  ScaleSituation situation;
  situation.now = kDecisionNow;
  situation.hpa.ns = "shop";
  situation.hpa.name = "web";
  situation.hpa.min = 2;
  situation.hpa.max = 10;
  situation.hpa.metrics = {cpu(50)};
  situation.scale = {pods, pods, "app=web"};
  for (int i = 0; i < pods; ++i) {
    ScaledPod pod{.name = fmt::format("web-{}", i),
                  .node = i % 2 == 0 ? "w1" : "w2",
                  .phase = "Running",
                  .started = "2026-11-28T08:00:00Z"};
    pod.ready = ScaledPod::Readiness{true, false, "2026-11-28T08:00:10Z"};
    pod.containers = {{"app", {{"cpu", *Quantity::parse("1")}}}};
    situation.measured.push_back({pod.name,
                                  "2026-11-28T09:59:50Z",
                                  seconds(15),
                                  {{"app", {{"cpu", *Quantity::parse(uses)}}}}});
    situation.pods.push_back(std::move(pod));
  }
  return situation;
}

ClusterEvent rescaled(const std::string& at, const std::string& message) {
  ClusterEvent event;
  event.object = {"HorizontalPodAutoscaler", "shop", "web", ""};
  event.reason = "SuccessfulRescale";
  event.message = message;
  event.last = at;
  return event;
}

std::string fit_text(const DrainFit& fit) {
  const char* names[] = {"fits", "with more", "too few", "unknown"};
  return fmt::format("{}: {} of {}, {} needed of {} left, raise to {}", fit.node,
                     names[static_cast<int>(fit.fit)], fit.pods, fit.needed, fit.remaining,
                     fit.raise_to);
}

}  // namespace

TEST_CASE("what decides before any metric does") {
  ScaleSituation situation = with(4, "900m");
  situation.hpa.max = 3;
  CHECK(decide_scale(situation).which == ScaleCase::AboveMost);
  CHECK(decide_scale(situation).replicas == 3);
  situation.hpa.max = 10;
  situation.hpa.min = 5;
  CHECK(decide_scale(situation).which == ScaleCase::BelowLeast);
  CHECK(decide_scale(situation).replicas == 5);
  situation.scale.wanted = 0;
  CHECK(decide_scale(situation).which == ScaleCase::Disabled);
  CHECK(decide_scale(situation).replicas == 0);
}

TEST_CASE("the largest proposal wins") {
  ScaleSituation situation = with(4, "600m");
  situation.hpa.metrics = {cpu(60), cpu(40), cpu(90)};
  const ScaleDecision decision = decide_scale(situation);
  CHECK(decision.which == ScaleCase::Metrics);
  CHECK(decision.decisive == 1);
  CHECK(decision.proposed == 6);
  CHECK(decision.replicas == 6);
  REQUIRE(decision.proposals.size() == 3);
  CHECK(decision.proposals[0].replicas == 4);
  CHECK(decision.proposals[2].replicas == 3);
}

TEST_CASE("a metric that cannot be read keeps what there is, unless others want more") {
  ScaleMetric queue{.source = ScaleMetric::Source::External, .name = "queue"};
  queue.target.value = *Quantity::parse("10");
  ScaleSituation low = with(4, "100m");
  low.hpa.metrics.push_back(queue);
  CHECK(decide_scale(low).which == ScaleCase::Blind);
  CHECK(decide_scale(low).proposed == 1);
  CHECK(decide_scale(low).replicas == 4);
  ScaleSituation high = with(4, "900m");
  high.hpa.metrics.push_back(queue);
  CHECK(decide_scale(high).which == ScaleCase::Metrics);
  CHECK(decide_scale(high).replicas == 8);
  ScaleSituation none = with(4, "900m");
  none.not_measured = "metrics-server does not answer";
  CHECK(decide_scale(none).which == ScaleCase::Blind);
  CHECK(decide_scale(none).proposals.front().failure == "metrics-server does not answer");
  CHECK_FALSE(decide_scale(none).decisive);
}

TEST_CASE("a status stands for metrics of others") {
  ScaleSituation situation = with(4, "500m");
  ScaleMetric queue{.source = ScaleMetric::Source::External, .name = "queue"};
  queue.target.value = *Quantity::parse("10");
  situation.hpa.metrics.push_back(queue);
  ScaleMetric seen = queue;
  seen.target.value = *Quantity::parse("15");
  situation.hpa.measured = {seen};
  CHECK(decide_scale(situation).replicas == 6);
}

TEST_CASE("the controller's word that a window holds it is believed") {
  ScaleSituation situation = with(4, "100m");
  CHECK(decide_scale(situation).replicas == 2);
  situation.hpa.conditions = {{"AbleToScale", true, "ScaleDownStabilized", "", ""}};
  const ScaleDecision held = decide_scale(situation);
  CHECK(held.told == Told::Stabilised);
  CHECK(held.replicas == 4);
  // An event says the same, and until when.
  situation.history.recommendations = {{kDecisionNow - seconds(60), 4}};
  const ScaleDecision known = decide_scale(situation);
  CHECK(known.told == Told::Nothing);
  CHECK(known.replicas == 4);
  CHECK(known.limited->held_until == kDecisionNow + seconds(240));
  // It says nothing about going up.
  ScaleSituation up = with(4, "900m");
  up.hpa.conditions = situation.hpa.conditions;
  CHECK(decide_scale(up).replicas == 8);
}

TEST_CASE("what it recommended when it looked last holds it") {
  ScaleSituation situation = with(4, "100m");
  situation.hpa.current = situation.hpa.desired = 4;
  situation.hpa.conditions = {{"AbleToScale", true, "ReadyForNewScale", "", ""},
                              {"ScalingLimited", false, "DesiredWithinRange", "", ""}};
  const ScaleDecision held = decide_scale(situation);
  CHECK(held.told == Told::Recommended);
  CHECK(held.replicas == 4);
  CHECK_FALSE(held.may_be_held);
  struct Otherwise {
    const char* what;
    void (*change)(ScaleSituation&);
  };
  const std::vector<Otherwise> cases = {
      {"it was raised to its least",
       [](ScaleSituation& s) {
         s.hpa.conditions[1] = {"ScalingLimited", true, "TooFewReplicas", "", ""};
       }},
      {"it was kept by its policies",
       [](ScaleSituation& s) {
         s.hpa.conditions[1] = {"ScalingLimited", true, "ScaleDownLimit", "", ""};
       }},
      {"nothing is said of limits", [](ScaleSituation& s) { s.hpa.conditions.pop_back(); }},
      {"it has just been scaled",
       [](ScaleSituation& s) { s.hpa.conditions[0].reason = "SucceededRescale"; }},
      {"it looked at another size", [](ScaleSituation& s) { s.hpa.current = 5; }},
      {"it wanted another size", [](ScaleSituation& s) { s.hpa.desired = 5; }},
      {"it forgets before it looks again",
       [](ScaleSituation& s) { s.settings.down_stabilization = seconds(14); }},
  };
  for (const Otherwise& each : cases) {
    CAPTURE(each.what);
    ScaleSituation other = situation;
    each.change(other);
    const ScaleDecision down = decide_scale(other);
    CHECK(down.told == Told::Nothing);
    CHECK(down.replicas == 2);
    CHECK(down.may_be_held == other.settings.down_stabilization);
  }
  // Cut from above, it recommended even more.
  situation.hpa.conditions[1] = {"ScalingLimited", true, "TooManyReplicas", "", ""};
  CHECK(decide_scale(situation).replicas == 4);
  // An event tells of fewer.
  situation.history.recommendations = {{kDecisionNow - seconds(60), 3, true}};
  CHECK(decide_scale(situation).replicas == 4);
  // Without a window nothing is remembered.
  situation.history = {};
  situation.settings.down_stabilization = seconds(0);
  CHECK(decide_scale(situation).replicas == 2);
  CHECK_FALSE(decide_scale(situation).may_be_held);
}

TEST_CASE("whether a window upwards holds it is not known either") {
  ScaleSituation situation = with(4, "900m");
  CHECK_FALSE(decide_scale(situation).may_be_held);
  situation.hpa.has_behavior = true;
  CHECK_FALSE(decide_scale(situation).may_be_held);
  situation.hpa.up.window = seconds(60);
  CHECK(decide_scale(situation).may_be_held == seconds(60));
}

TEST_CASE("a selector that the controller does not accept keeps what there is") {
  ScaleSituation situation = with(4, "900m");
  situation.hpa.conditions = {{"AbleToScale", true, "SucceededGetScale", "", ""},
                              {"ScalingActive", false, "AmbiguousSelector", "two HPAs", ""}};
  const ScaleDecision ambiguous = decide_scale(situation);
  CHECK(ambiguous.which == ScaleCase::Blind);
  CHECK(ambiguous.refused == "two HPAs");
  CHECK(ambiguous.replicas == 4);
  CHECK_FALSE(ambiguous.limited);
  situation.hpa.conditions[1].reason = "InvalidSelector";
  situation.hpa.conditions[1].message = "";
  CHECK(decide_scale(situation).refused == "InvalidSelector");
  // What failed a moment ago may work now: that is looked at.
  situation.hpa.conditions[1].reason = "FailedGetResourceMetric";
  CHECK(decide_scale(situation).replicas == 8);
  // Before it looks at pods, it goes by the limits.
  situation.hpa.conditions[1].reason = "AmbiguousSelector";
  situation.hpa.max = 3;
  CHECK(decide_scale(situation).replicas == 3);
}

TEST_CASE("what events tell of changes") {
  Autoscaler hpa;
  hpa.ns = "shop";
  hpa.name = "web";
  std::vector<ClusterEvent> events = {
      rescaled("2026-11-28T09:58:00Z", "New size: 7; reason: All metrics below target"),
      rescaled("2026-11-28T09:50:00Z", "New size: 10; reason: cpu above target"),
      rescaled("2026-11-28T09:40:00Z", "New size: many"), rescaled("", "New size: 3; reason: x")};
  events.push_back(rescaled("2026-11-28T09:59:00Z", "New size: 1; reason: x"));
  events.back().object.name = "other";
  const ScaleHistory history = scale_history(hpa, events);
  // What was taken away says nothing of what was recommended then.
  REQUIRE(history.recommendations.size() == 1);
  CHECK(history.recommendations[0].replicas == 10);
  CHECK(history.recommendations[0].at_least);
  REQUIRE(history.changes.size() == 2);
  // What the first one started from is not said, but that it grew.
  CHECK_FALSE(history.changes[0].certain);
  CHECK(history.changes[0].change == 1);
  CHECK(history.changes[1].certain);
  CHECK(history.changes[1].change == -3);
  CHECK(history.changes[1].at == kDecisionNow - seconds(120));
}

TEST_CASE("events of an earlier autoscaler of the same name tell nothing") {
  Autoscaler hpa;
  hpa.ns = "shop";
  hpa.name = "web";
  hpa.created = "2026-11-28T09:45:00Z";
  const ScaleHistory history = scale_history(
      hpa, {rescaled("2026-11-28T09:44:59Z", "New size: 9; reason: cpu above target"),
            rescaled("2026-11-28T09:45:00Z", "New size: 4; reason: cpu above target")});
  REQUIRE(history.recommendations.size() == 1);
  CHECK(history.recommendations[0].replicas == 4);
  REQUIRE(history.changes.size() == 1);
  CHECK_FALSE(history.changes[0].certain);
}

TEST_CASE("a size that somebody else has changed is not what an event started from") {
  Autoscaler hpa;
  hpa.ns = "shop";
  hpa.name = "web";
  const auto change = [&](const char* message) {
    const ScaleHistory history =
        scale_history(hpa, {rescaled("2026-11-28T09:40:00Z", "New size: 6; reason: x"),
                            rescaled("2026-11-28T09:50:00Z", std::string("New size: ") + message)});
    const ScaleChange& last = history.changes.back();
    return fmt::format("{}{}", last.certain ? "" : "at least ", last.change);
  };
  CHECK(change("8; reason: cpu above target") == "2");
  CHECK(change("4; reason: cpu above target") == "at least 1");
  CHECK(change("6; reason: All metrics below target") == "at least -1");
  CHECK(change("8; reason: Current number of replicas above Spec.MaxReplicas") == "at least -1");
  CHECK(change("5; reason: Current number of replicas below Spec.MinReplicas") == "at least 1");
  CHECK(change("4; reason: y") == "-2");
  CHECK(change("6; reason: y") == "at least 0");
}

TEST_CASE("whether the others can spare the pods of a node") {
  const auto fits = [](const ScaleSituation& situation) {
    std::string text;
    for (const DrainFit& fit : drain_fits(situation, decide_scale(situation), {}, {}))
      text += fit_text(fit) + "\n";
    return text;
  };
  CHECK(fits(with(4, "250m")) ==
        "w1: fits of 2, 2 needed of 2 left, raise to 0\n"
        "w2: fits of 2, 2 needed of 2 left, raise to 0\n");
  CHECK(fits(with(5, "500m")) ==
        "w1: with more of 3, 5 needed of 2 left, raise to 8\n"
        "w2: with more of 2, 5 needed of 3 left, raise to 7\n");
  ScaleSituation full = with(6, "500m");
  full.hpa.max = 8;
  CHECK(fits(full) ==
        "w1: too few of 3, 6 needed of 3 left, raise to 0\n"
        "w2: too few of 3, 6 needed of 3 left, raise to 0\n");
  // Exactly as much as the tolerance lets through.
  CHECK(fits(with(2, "275m")) ==
        "w1: fits of 1, 1 needed of 1 left, raise to 0\n"
        "w2: fits of 1, 1 needed of 1 left, raise to 0\n");
  ScaleSituation blind = with(2, "1");
  blind.not_measured = "no";
  CHECK(fits(blind).find("w1: unknown of 1") == 0);
}

TEST_CASE("why it is not known whether the others can spare them") {
  const auto why = [](const ScaleSituation& situation) {
    const auto fits = drain_fits(situation, decide_scale(situation), {}, {});
    CHECK(fits.at(0).fit == Fit::Unknown);
    return fits.at(0).unknown;
  };
  ScaleSituation situation = with(4, "100m");
  CHECK(drain_fits(situation, decide_scale(situation), {}, {}).at(0).unknown.empty());
  situation.hpa.min = 6;
  CHECK(why(situation) == "no metric is looked at before it has 6");
  situation.hpa.min = 1;
  situation.hpa.max = 3;
  CHECK(why(situation) == "no metric is looked at before it has 3");
  // One that cannot be read may need more than the others.
  situation.hpa.max = 10;
  situation.hpa.metrics.push_back({.source = ScaleMetric::Source::External, .name = "queue"});
  situation.hpa.metrics.back().target.value = *Quantity::parse("10");
  CHECK(why(situation) == "queue (external) cannot be read");
}

TEST_CASE("a pod that is not ready carries nothing, and one that goes is not there") {
  ScaleSituation situation = with(4, "100m");
  situation.pods[1].ready->holds = false;
  situation.pods[3].deleting = true;
  const auto fits = drain_fits(situation, decide_scale(situation), {}, {});
  REQUIRE(fits.size() == 2);
  CHECK(fits[0].remaining == 0);
  CHECK(fits[0].ratio_then == 0);
  CHECK(fits[1].pods == 1);
  CHECK(fits[1].remaining == 2);
}

TEST_CASE("a budget that lets none go is named") {
  const ScaleSituation situation = with(2, "100m");
  Pod pod;
  pod.ns = "shop";
  pod.name = "web-0";
  pod.phase = "Running";
  pod.ready = true;
  pod.labels = {{"app", "web"}};
  PodDisruptionBudget budget;
  budget.ns = "shop";
  budget.name = "web";
  budget.selector.present = true;
  budget.selector.match_labels = {{"app", "web"}};
  budget.min_available = "2";
  budget.expected_pods = budget.current_healthy = budget.desired_healthy = 2;
  const auto fits = drain_fits(situation, decide_scale(situation), {pod}, {budget});
  CHECK(fits[0].budget.find("shop/web") != std::string::npos);
  CHECK(fits[1].budget.empty());
}

}  // namespace drover::plans
