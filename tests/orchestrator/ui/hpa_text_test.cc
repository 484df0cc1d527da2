#include "orchestrator/ui/hpa_text.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "tests/support/golden.h"

namespace drover::orchestrator {
namespace {

using std::chrono::seconds;

const plans::Timestamp kHpaTextNow = *plans::parse_timestamp("2026-11-28T10:00:00Z");

Quantity amount(const char* text) { return *Quantity::parse(text); }

Autoscaler web() {
  Autoscaler hpa;
  hpa.ns = "shop";
  hpa.name = "web";
  hpa.created = "2026-11-28T08:00:00Z";
  hpa.target = {"apps/v1", "Deployment", "web"};
  hpa.min = 2;
  hpa.max = 10;
  hpa.current = 4;
  hpa.desired = 4;
  hpa.metrics = {{.name = "cpu", .target = {.utilization = 50}},
                 {.name = "memory", .target = {.average_value = amount("512Mi")}}};
  hpa.measured = {{.name = "cpu", .target = {.utilization = 71, .average_value = amount("142m")}}};
  hpa.conditions = {{"AbleToScale", true, "ReadyForNewScale", "", ""},
                    {"ScalingActive", true, "ValidMetricFound", "", ""}};
  return hpa;
}

ScaleExplanation explained(int pods, const char* uses) {
  ScaleExplanation explanation;
  plans::ScaleSituation& situation = explanation.situation;
  situation.now = kHpaTextNow;
  situation.hpa = web();
  situation.scale = {pods, pods, "app=web"};
  for (int i = 0; i < pods; ++i) {
    ScaledPod pod{.name = fmt::format("web-{}", i),
                  .node = i % 2 == 0 ? "w1" : "w2\x1b",
                  .phase = "Running",
                  .started = "2026-11-28T08:00:00Z"};
    pod.ready = ScaledPod::Readiness{true, false, "2026-11-28T08:00:10Z"};
    pod.containers = {{"app", {{"cpu", amount("1")}}}};
    situation.measured.push_back({pod.name,
                                  "2026-11-28T09:59:50Z",
                                  seconds(15),
                                  {{"app", {{"cpu", amount(uses)}, {"memory", amount("64Mi")}}}}});
    situation.pods.push_back(std::move(pod));
  }
  return explanation;
}

/// Its text, with steps that are broken into lines made whole again.
std::string unwrapped(const ScaleExplanation& explanation) {
  std::string text = explanation_text(explanation, false);
  constexpr std::string_view kBreak = "\n    ";
  for (size_t at = 0; (at = text.find(kBreak, at)) != text.npos;)
    text.replace(at, kBreak.size(), " ");
  return text;
}

ScaleExplanation decided(ScaleExplanation explanation) {
  explanation.decision = plans::decide_scale(explanation.situation);
  explanation.fits = plans::drain_fits(explanation.situation, explanation.decision, {}, {});
  return explanation;
}

}  // namespace

TEST_CASE("autoscalers, as text and for programs") {
  Autoscaler blind = web();
  blind.name = "api\x1b";
  blind.measured.clear();
  blind.conditions[1] = {"ScalingActive", false, "FailedGetResourceMetric", "no metrics", ""};
  Autoscaler full = web();
  full.name = "full";
  full.current = full.desired = 10;
  full.conditions.push_back({"ScalingLimited", true, "TooManyReplicas", "", ""});
  const std::vector<Autoscaler> list = {blind, full, web()};
  const auto shown = [&](OutputFormat format) {
    return list_text(autoscaler_list(kHpaTextNow), list, {.format = format, .cluster = "prod"});
  };
  test::check_golden("ui/hpa_list.txt", shown(OutputFormat::Text));
  test::check_golden("ui/hpa_list_wide.txt", shown(OutputFormat::Wide));
  test::check_golden("ui/hpa_list.jsonl", shown(OutputFormat::Json));
  test::check_golden("ui/hpa_list.yaml", shown(OutputFormat::Yaml));
  CHECK(list_text(autoscaler_list(kHpaTextNow), std::vector<Autoscaler>{}, {}) ==
        "There are no such autoscalers.\n");
}

TEST_CASE("one autoscaler of a watch, as text and for programs") {
  Autoscaler growing = web();
  growing.desired = 6;
  CHECK(autoscaler_text(growing, "seen", kHpaTextNow, {}) ==
        "10:00:00 shop/web: 4 pods (2 to 10), 6 wanted; cpu: 71%/50%, memory: "
        "<unknown>/512Mi\n");
  CHECK(autoscaler_text(growing, "deleted", kHpaTextNow, {}) == "10:00:00 shop/web is deleted.\n");
  growing.conditions[1] = {"ScalingActive", false, "FailedGetScale", "no\x1b way\nat all", ""};
  CHECK(autoscaler_text(growing, "seen", kHpaTextNow, {.format = OutputFormat::Wide})
            .ends_with("; FailedGetScale: no\\x1b way\\nat all\n"));
  const std::string json = autoscaler_json("prod", web(), "deleted");
  CHECK(json.starts_with(
      R"({"v":1,"kind":"Autoscaler","cluster":"prod","change":"deleted","namespace":"shop",)"));
  CHECK(autoscaler_text(web(), "seen", kHpaTextNow, {.format = OutputFormat::Yaml})
            .find("change: seen\n") != std::string::npos);
}

TEST_CASE("explained: it grows, one pod is not ready and one not measured") {
  ScaleExplanation busy = explained(4, "900m");
  busy.situation.pods[1].ready = ScaledPod::Readiness{false, true, "2026-11-28T08:00:10Z"};
  busy.situation.measured.pop_back();
  test::check_golden("ui/hpa_explain_up.txt", explanation_text(decided(busy), false));
  test::check_golden("ui/hpa_explain_up.jsonl", explanation_json("prod", decided(busy)));
}

TEST_CASE("explained: a window holds it") {
  ScaleExplanation idle = explained(4, "50m");
  idle.situation.history.recommendations = {{kHpaTextNow - seconds(60), 4}};
  test::check_golden("ui/hpa_explain_held.txt", explanation_text(decided(idle), false));
}

TEST_CASE("explained: policies cut it, and its nodes cannot be spared") {
  ScaleExplanation fast = explained(6, "1");
  fast.situation.hpa.has_behavior = true;
  fast.situation.hpa.up.policies = {{false, 1, seconds(60)}, {true, 20, seconds(30)}};
  ScaleExplanation all = decided(fast);
  all.fits.front().budget = "budget shop/web (minAvailable 6 of 6 pods) allows no disruption";
  test::check_golden("ui/hpa_explain_policies.txt", explanation_text(all, false));
}

TEST_CASE("explained: what only the controller remembers") {
  ScaleExplanation idle = explained(4, "50m");
  CHECK(unwrapped(decided(idle))
            .find("\nIt goes from 4 to 2 pods, unless it recommended otherwise within the last 5m, "
                  "which only it knows.\n") != std::string::npos);
  CHECK(explanation_json("prod", decided(idle)).find(R"("certain":false,"replicas":2)") !=
        std::string::npos);
  idle.situation.hpa.conditions.push_back({"ScalingLimited", false, "DesiredWithinRange", "", ""});
  CHECK(unwrapped(decided(idle))
            .find("  - held as it is: when the controller looked last it recommended no fewer, and "
                  "its window of stabilisation remembers that for 5m\nIt stays at 4 pods.\n") !=
        std::string::npos);
}

TEST_CASE("explained: what a policy counts from may not be known") {
  ScaleExplanation fast = explained(6, "1");
  fast.situation.hpa.has_behavior = true;
  fast.situation.hpa.up.policies = {{false, 1, seconds(60)}};
  fast.situation.history.changes = {{kHpaTextNow - seconds(30), 1, false}};
  const ScaleExplanation cut = decided(fast);
  CHECK(unwrapped(cut).find(
            "  - cut to 6 by the policies: 1 pods in 1m from at most 5 allows 6: what it "
            "began with is not known\n") != std::string::npos);
  CHECK(explanation_json("prod", cut)
            .find(R"("policies":[{"type":"pods","value":1,"period_s":60,"began_with":5,)"
                  R"("certain":false,"allows":6}])") != std::string::npos);
  fast.situation.hpa.up.policies = {{false, 20, seconds(60)}};
  const std::string text = explanation_text(decided(fast), false);
  CHECK(text.find("  - cut to 10: that is maxReplicas\n") != std::string::npos);
  fast.situation.hpa.max = 20;
  CHECK(unwrapped(decided(fast))
            .find("  - the policies may not allow that much: 20 pods in 1m from at most 5 allows "
                  "25: what it began with is not known\n") != std::string::npos);
}

TEST_CASE("explained: what the controller itself says of its trouble") {
  ScaleExplanation two = explained(4, "900m");
  two.situation.hpa.conditions = {
      {"AbleToScale", false, "FailedUpdateScale", "no\x1b way", ""},
      {"ScalingActive", false, "AmbiguousSelector", "controlled by [shop/web shop/other]", ""}};
  const ScaleExplanation explanation = decided(two);
  const std::string text = explanation_text(explanation, false);
  CHECK(text.find("  - the controller does not accept its selector: nothing is changed\n"
                  "  - the controller itself says: FailedUpdateScale: no\\x1b way\n"
                  "  - the controller itself says: AmbiguousSelector: controlled by [shop/web "
                  "shop/other]\n"
                  "It stays at 4 pods.\n") != std::string::npos);
  CHECK(explanation_json("prod", explanation)
            .find(R"("conditions":[{"type":"AbleToScale","holds":false,)"
                  R"("reason":"FailedUpdateScale","message":"no\\x1b way"},)") !=
        std::string::npos);
}

TEST_CASE("explained: what is presumed of the pods is said once") {
  ScaleExplanation own = explained(4, "500m");
  own.situation.hpa.metrics.clear();
  for (const char* name : {"rps", "sessions"}) {
    ScaleMetric metric{.source = ScaleMetric::Source::Pods, .name = name};
    metric.target.average_value = amount("10");
    own.situation.hpa.metrics.push_back(metric);
    metric.target.average_value = amount("20");
    own.situation.hpa.measured.push_back(metric);
  }
  own.situation.hpa.measured.erase(own.situation.hpa.measured.begin());
  own.situation.pods[0].phase = "Pending";
  const std::string text = explanation_text(decided(own), false);
  CHECK(text.find("  rps of the pods: 3 pods counted, 1 not ready (taken for 0)\n"
                  "  sessions of the pods: 3 pods counted, 1 not ready (taken for 0)\n"
                  "  Whether a pod lacks a metric of its own cannot be seen from outside: each one "
                  "that runs is taken\n  to have it.\n") != std::string::npos);
}

TEST_CASE("explained: what decides without a metric") {
  ScaleExplanation blind = explained(2, "1");
  blind.situation.not_measured = "metrics-server is not installed";
  test::check_golden("ui/hpa_explain_blind.txt", explanation_text(decided(blind), false));
  ScaleExplanation off = explained(2, "1");
  off.situation.scale = {0, 0, "app=web"};
  off.situation.pods.clear();
  CHECK(explanation_text(decided(off), false).find("the controller leaves it alone") !=
        std::string::npos);
  ScaleExplanation below = explained(1, "1");
  CHECK(explanation_text(decided(below), false).find("It goes from 1 to 2 pods.") !=
        std::string::npos);
}

}  // namespace drover::orchestrator
