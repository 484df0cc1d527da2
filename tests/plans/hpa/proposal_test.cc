#include "plans/hpa/proposal.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

namespace drover::plans {
namespace {

using std::chrono::seconds;
using Source = ScaleMetric::Source;

const Timestamp kProposalNow = *parse_timestamp("2026-11-28T10:00:00Z");

std::string ago(int s) {
  const auto at = std::chrono::floor<seconds>(kProposalNow - seconds(s));
  const auto since_midnight = (at - std::chrono::floor<std::chrono::days>(at)).count();
  return fmt::format("2026-11-28T{:02}:{:02}:{:02}Z", since_midnight / 3600,
                     since_midnight / 60 % 60, since_midnight % 60);
}

Quantity amount(const std::string& text) { return *Quantity::parse(text); }

/// A pod that has been running and ready for an hour, and requests one core and 1 Gi.
ScaledPod pod(const std::string& name) {
  ScaledPod pod{.name = name, .node = "w1", .phase = "Running", .started = ago(3600)};
  pod.ready = ScaledPod::Readiness{true, false, ago(3590)};
  pod.containers = {{"app", {{"cpu", amount("1")}, {"memory", amount("1Gi")}}}};
  return pod;
}

ScaleMetric cpu_at(int percent) { return {.name = "cpu", .target = {.utilization = percent}}; }

/// One letter a pod: r ready, n not ready, p pending, m not measured, d going, f failed; with what
/// each uses of the one core, in thousandths.
struct Pods {
  std::vector<ScaledPod> pods;
  PodSamples samples;
};
Pods pods_of(const std::string& stands, const std::vector<int>& used) {
  Pods all;
  for (size_t i = 0; i < stands.size(); ++i) {
    ScaledPod one = pod(fmt::format("p{}", i));
    if (stands[i] == 'n') one.ready = ScaledPod::Readiness{false, true, ago(3600)};
    if (stands[i] == 'p') one.phase = "Pending";
    if (stands[i] == 'd') one.deleting = true;
    if (stands[i] == 'f') one.phase = "Failed";
    if (stands[i] != 'm')
      all.samples[one.name] = {used[i], kProposalNow - seconds(20), seconds(15)};
    all.pods.push_back(std::move(one));
  }
  return all;
}

struct ProposalCase {
  const char* what;
  std::string stands;
  std::vector<int> used;
  int target;  // hundredths of the request
  int wanted;
  ProposalRule rule;
  int replicas;
};

}  // namespace

TEST_CASE("replicas that the CPU of the pods calls for") {
  using enum ProposalRule;
  const std::vector<ProposalCase> cases = {
      {"all above", "rrr", {300, 500, 700}, 30, 3, Ratio, 5},
      {"all below", "rrrrr", {100, 300, 500, 250, 250}, 50, 5, Ratio, 3},
      {"just at the upper tolerance", "rrr", {550, 550, 550}, 50, 3, WithinTolerance, 3},
      {"just above it", "rrr", {560, 560, 560}, 50, 3, Ratio, 4},
      {"just at the lower tolerance", "rrr", {450, 450, 450}, 50, 3, WithinTolerance, 3},
      {"just below it, rounded up", "rrr", {440, 440, 440}, 50, 3, Ratio, 3},
      {"hundredths are cut off before they are compared",
       "r",
       {
           559,
       },
       50,
       1,
       WithinTolerance,
       1},
      {"not ready counts for nothing upwards", "nrr", {900, 500, 700}, 30, 3, Ratio, 4},
      {"pending likewise", "prr", {0, 500, 700}, 30, 3, Ratio, 4},
      {"not ready would turn it round", "rnn", {400, 900, 900}, 30, 3, Reverses, 3},
      {"not ready brings it into the tolerance", "rrn", {500, 500, 0}, 32, 3, WithinTolerance, 3},
      {"not ready plays no part downwards", "rrn", {200, 200, 900}, 80, 3, Ratio, 1},
      {"not measured counts fully downwards", "rrrm", {200, 200, 200, 0}, 50, 4, Ratio, 4},
      {"for the target when that is above the request",
       "rrrm",
       {500, 500, 500, 0},
       120,
       4,
       Ratio,
       3},
      {"not measured counts for nothing upwards", "rrrm", {900, 900, 900, 0}, 50, 4, Ratio, 6},
      {"not measured would turn it round", "rmmm", {400, 0, 0, 0}, 50, 4, Reverses, 4},
      {"more pods than wanted, and one not measured",
       "rrrm",
       {700, 700, 700, 0},
       100,
       2,
       CountReverses,
       2},
      {"exactly at the target, one not measured", "rrm", {500, 500, 0}, 50, 3, WithinTolerance, 3},
      {"going and failed pods do not exist", "rrdf", {800, 800, 10, 10}, 50, 2, Ratio, 4},
      {"more than the pods that count", "rr", {1000, 1000}, 50, 5, Ratio, 4},
  };
  for (const ProposalCase& each : cases) {
    CAPTURE(each.what);
    const Pods all = pods_of(each.stands, each.used);
    const Proposal proposal = propose_by_pods(cpu_at(each.target), each.wanted, all.pods,
                                              all.samples, {}, {}, kProposalNow);
    CHECK(proposal.rule == each.rule);
    CHECK(proposal.replicas == each.replicas);
  }
}

TEST_CASE("the figures of a proposal") {
  const Pods all = pods_of("nrrmd", {900, 500, 700, 0, 1});
  const Proposal up = propose_by_pods(cpu_at(30), 4, all.pods, all.samples, {}, {}, kProposalNow);
  CHECK(up.metric == "cpu");
  CHECK(up.relative);
  CHECK(up.measured == 60);
  CHECK(up.target == 30);
  CHECK(up.ratio == 2.0);
  CHECK(up.assumed_ratio == Approx(1.0));
  CHECK(up.counts == 4);
  CHECK(up.number_of(PodStand::Counted) == 2);
  CHECK(up.number_of(PodStand::NotReady) == 1);
  CHECK(up.number_of(PodStand::Missing) == 1);
  CHECK(up.number_of(PodStand::Ignored) == 1);
  const Proposal down = propose_by_pods(cpu_at(90), 4, all.pods, all.samples, {}, {}, kProposalNow);
  CHECK(down.pods[3].used == 1000);
  CHECK(down.counts == 3);
}

TEST_CASE("an average of the pods as the target") {
  const ScaleMetric metric{.name = "cpu", .target = {.average_value = amount("200m")}};
  const Pods all = pods_of("rrr", {300, 300, 301});
  const Proposal proposal = propose_by_pods(metric, 3, all.pods, all.samples, {}, {}, kProposalNow);
  CHECK_FALSE(proposal.relative);
  CHECK(proposal.measured == 300);
  CHECK(proposal.replicas == 5);
  // What is not measured counts for the target downwards, whatever it requests.
  const Pods some = pods_of("rrm", {100, 100, 0});
  const Proposal down = propose_by_pods(metric, 3, some.pods, some.samples, {}, {}, kProposalNow);
  CHECK(down.assumed_ratio == Approx(133.0 / 200));
  CHECK(down.replicas == 2);
}

TEST_CASE("when the CPU of a pod that starts up counts") {
  struct Start {
    const char* what;
    int started;  // seconds ago
    bool ready;
    int since;     // seconds ago
    int measured;  // seconds ago, over 30 s
    PodStand stand;
  };
  const std::vector<Start> cases = {
      {"measured before it was ready", 100, true, 50, 40, PodStand::NotReady},
      {"measured wholly after that", 100, true, 50, 20, PodStand::Counted},
      {"a second too early", 100, true, 50, 21, PodStand::NotReady},
      {"young and not ready", 100, false, 90, 5, PodStand::NotReady},
      {"old and never ready", 600, false, 590, 5, PodStand::NotReady},
      {"old, was ready for a while, and is not now", 600, false, 300, 5, PodStand::Counted},
      {"the first period ends", 300, true, 1, 5, PodStand::Counted},
  };
  for (const Start& each : cases) {
    CAPTURE(each.what);
    ScaledPod one = pod("p");
    one.started = ago(each.started);
    one.ready = ScaledPod::Readiness{each.ready, !each.ready, ago(each.since)};
    const PodSamples samples = {{"p", {100, kProposalNow - seconds(each.measured), seconds(30)}},
                                {"q", {100, kProposalNow, seconds(30)}}};
    const std::vector<ScaledPod> pods = {one, pod("q")};
    const Proposal proposal = propose_by_pods(cpu_at(50), 1, pods, samples, {}, {}, kProposalNow);
    CHECK(proposal.pods[0].stand == each.stand);
    const ScaleMetric memory{.name = "memory", .target = {.utilization = 50}};
    // Memory counts from the beginning.
    CHECK(propose_by_pods(memory, 1, pods, samples, {}, {}, kProposalNow).pods[0].stand ==
          PodStand::Counted);
  }
  ScaledPod unknown = pod("p");
  unknown.ready.reset();
  const PodSamples samples = {{"p", {100, kProposalNow, seconds(30)}},
                              {"q", {100, kProposalNow, seconds(30)}}};
  CHECK(propose_by_pods(cpu_at(50), 2, {unknown, pod("q")}, samples, {}, {}, kProposalNow)
            .pods[0]
            .stand == PodStand::NotReady);
}

TEST_CASE("why there is no proposal") {
  const Pods pending = pods_of("pp", {0, 0});
  const auto why = [](const ScaleMetric& metric, const Pods& pods) {
    const Proposal proposal =
        propose_by_pods(metric, 2, pods.pods, pods.samples, {}, {}, kProposalNow);
    CHECK(proposal.rule == ProposalRule::Failed);
    return proposal.failure;
  };
  CHECK(why(cpu_at(50), {}) == "the selector finds no pods");
  CHECK(why(cpu_at(50), pending) ==
        "no pod that counts has been measured; they may not be ready yet");
  CHECK(why({.name = "cpu"}, pods_of("r", {1})) == "the metric has no target");
  Pods lacking = pods_of("rr", {1, 1});
  lacking.pods[1].containers.push_back({"sidecar", {}});
  CHECK(why(cpu_at(50), lacking) == "container sidecar of pod p1 has no request for cpu");
  // A target of its own needs no requests, and neither does another container.
  const ScaleMetric average{.name = "cpu", .target = {.average_value = amount("1")}};
  CHECK(propose_by_pods(average, 2, lacking.pods, lacking.samples, {}, {}, kProposalNow).rule ==
        ProposalRule::Ratio);
  ScaleMetric container = cpu_at(50);
  container.source = Source::ContainerResource;
  container.container = "app";
  CHECK(propose_by_pods(container, 2, lacking.pods, lacking.samples, {}, {}, kProposalNow).rule ==
        ProposalRule::Ratio);
  // What the pod as a whole requests stands for all its containers.
  lacking.pods[1].requests = Amounts{{"cpu", amount("2")}};
  const Proposal whole =
      propose_by_pods(cpu_at(50), 2, lacking.pods, lacking.samples, {}, {}, kProposalNow);
  CHECK(whole.pods[1].request == 2000);
}

TEST_CASE("what a container lacks, its pod lacks") {
  const std::vector<MeasuredPod> measured = {
      {"a",
       "2026-11-28T09:59:50Z",
       seconds(15),
       {{"app", {{"cpu", amount("100m")}}}, {"side", {{"cpu", amount("50000001n")}}}}},
      {"b", "", seconds(15), {{"app", {{"cpu", amount("1")}}}, {"side", {}}}},
      {"c", "", seconds(15), {}}};
  const PodSamples all = samples_of(measured, "cpu", "");
  REQUIRE(all.size() == 1);
  CHECK(all.at("a").value == 151);  // each rounded up
  CHECK(all.at("a").time == kProposalNow - seconds(10));
  CHECK(samples_of(measured, "cpu", "app").size() == 2);
  CHECK(samples_of(measured, "memory", "").empty());
}

TEST_CASE("metrics that are not the pods' own go by the status") {
  const std::vector<ScaledPod> pods = {pod("a"), pod("b"), pod("c")};
  ScaleMetric object{.source = Source::Object, .name = "hits", .object = "Ingress/web"};
  object.target.value = amount("100");
  const auto by = [&](const ScaleMetric& metric, const MetricValue& measured, int wanted) {
    return propose_by_value(metric, measured, wanted, pods, {});
  };
  CHECK(by(object, {.value = amount("250")}, 3).replicas == 8);
  CHECK(by(object, {.value = amount("105")}, 3).rule == ProposalRule::WithinTolerance);
  CHECK(by(object, {.value = amount("100")}, 0).replicas == 1);
  CHECK(by(object, {}, 3).failure == "the autoscaler's status has no figure of it");
  CHECK(by(object, {.value = amount("1")}, 3).metric == "hits of Ingress/web");
  CHECK(propose_by_value(object, {.value = amount("250")}, 3, {}, {}).failure ==
        "the selector finds no pods");
}

TEST_CASE("a share of the pods is taken back to what it was made of") {
  using enum ProposalRule;
  ScaleMetric queue{.source = Source::External, .name = "queue"};
  queue.target.average_value = amount("10");
  struct Share {
    const char* what;
    const char* share;  // as the controller rounds it up
    int existing;
    ProposalRule rule;
    int replicas;
  };
  const std::vector<Share> cases = {
      {"30 of 7 pods", "4286m", 7, Ratio, 3},
      {"31 of 7 pods", "4429m", 7, Ratio, 4},
      {"60 of 7 pods", "8572m", 7, Ratio, 6},
      {"63 of 7 pods, just at the tolerance", "9", 7, WithinTolerance, 7},
      {"77 of 7 pods, likewise", "11", 7, WithinTolerance, 7},
      {"78 of 7 pods", "11143m", 7, Ratio, 8},
      {"a fraction of one", "1m", 7, Ratio, 1},
      {"nothing", "0", 7, Ratio, 0},
      {"one pod", "50", 1, Ratio, 5},
      {"no pod", "50", 0, Failed, 0},
  };
  for (const Share& each : cases) {
    CAPTURE(each.what);
    const Proposal proposal =
        propose_by_share(queue, {.average_value = amount(each.share)}, each.existing, {});
    CHECK(proposal.rule == each.rule);
    CHECK(proposal.replicas == each.replicas);
  }
  CHECK(propose_by_share(queue, {}, 3, {}).failure ==
        "the autoscaler's status has no figure of it");
}

TEST_CASE("a metric of the pods' own goes by their average in the status") {
  using enum ProposalRule;
  ScaleMetric rps{.source = Source::Pods, .name = "rps"};
  rps.target.average_value = amount("10");
  struct Own {
    const char* what;
    std::string stands;
    const char* average;
    int wanted;
    ProposalRule rule;
    int replicas;
  };
  const std::vector<Own> cases = {
      {"all above", "rrr", "20", 3, Ratio, 6},
      {"all below", "rrr", "1", 3, Ratio, 1},
      {"near enough", "rrr", "10500m", 3, WithinTolerance, 3},
      {"pending would turn it round", "rrrrpppp", "15", 8, Reverses, 8},
      {"pending brings it into the tolerance", "rrrrpp", "15", 6, WithinTolerance, 6},
      {"pending counts for nothing upwards", "rrp", "30", 3, Ratio, 6},
      {"pending plays no part downwards", "rrrp", "5", 4, Ratio, 2},
      {"readiness plays no part", "rnn", "20", 3, Ratio, 6},
      {"going and failed pods do not exist", "rrdf", "20", 2, Ratio, 4},
      {"none counts", "pp", "20", 2, Failed, 0},
      {"none at all", "", "20", 2, Failed, 0},
  };
  for (const Own& each : cases) {
    CAPTURE(each.what);
    const Pods all = pods_of(each.stands, std::vector<int>(each.stands.size(), 0));
    const Proposal proposal =
        propose_by_average(rps, {.average_value = amount(each.average)}, each.wanted, all.pods, {});
    CHECK(proposal.rule == each.rule);
    CHECK(proposal.replicas == each.replicas);
    CHECK(proposal.presumed);
  }
  const Pods all = pods_of("r", {0});
  CHECK(propose_by_average(rps, {}, 1, all.pods, {}).failure ==
        "the autoscaler's status has no figure of it");
}

TEST_CASE("how the controller was started") {
  const ScaleSettings settings =
      read_scale_settings({"kube-controller-manager", "--horizontal-pod-autoscaler-tolerance=0.25",
                           "--horizontal-pod-autoscaler-downscale-stabilization=1m30s",
                           "--horizontal-pod-autoscaler-sync-period=5s",
                           "--horizontal-pod-autoscaler-initial-readiness-delay=soon",
                           "--horizontal-pod-autoscaler-cpu-initialization-period=2m0s"});
  CHECK(settings.tolerance == 0.25);
  CHECK(settings.down_stabilization == seconds(90));
  CHECK(settings.sync == seconds(5));
  CHECK(settings.initial_readiness == seconds(30));
  CHECK(settings.cpu_initialization == seconds(120));
  Autoscaler hpa;
  hpa.up.tolerance = 0;
  CHECK(tolerances_of(hpa, settings).up == 0);
  CHECK(tolerances_of(hpa, settings).down == 0.25);
}

}  // namespace drover::plans
