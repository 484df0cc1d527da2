#include "plans/hpa/proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "inventory/base/duration.h"

namespace drover::plans {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Source = ScaleMetric::Source;

__extension__ using Wide = __int128;

constexpr int kMostReplicas = std::numeric_limits<int>::max();

int rounded_up(double replicas) {
  return static_cast<int>(std::min<double>(std::ceil(replicas), kMostReplicas));
}

/// Whether a pod's share of CPU is set aside: it starts up, or was never ready.
bool starts_up(const ScaledPod& pod, const PodSample& sample, const ScaleSettings& settings,
               Timestamp now) {
  const auto started = parse_timestamp(pod.started);
  if (!pod.ready || !started) return true;
  const Timestamp since = parse_timestamp(pod.ready->since).value_or(Timestamp::min());
  if (*started + settings.cpu_initialization > now) {
    // What was measured must lie wholly behind its becoming ready.
    return pod.ready->denied || !sample.time || *sample.time < since + sample.window;
  }
  return pod.ready->denied && *started + settings.initial_readiness > since;
}

PodStand stand_of(const ScaledPod& pod, const PodSample* sample, bool cpu,
                  const ScaleSettings& settings, Timestamp now) {
  if (pod.deleting || pod.phase == "Failed") return PodStand::Ignored;
  if (pod.phase == "Pending") return PodStand::NotReady;
  if (sample == nullptr) return PodStand::Missing;
  if (cpu && starts_up(pod, *sample, settings, now)) return PodStand::NotReady;
  return PodStand::Counted;
}

/// The same for a metric that only the controller sees: that a pod which runs has it, is presumed.
/// Readiness plays no part there.
PodStand presumed_stand_of(const ScaledPod& pod) {
  if (pod.deleting || pod.phase == "Failed") return PodStand::Ignored;
  if (pod.phase == "Pending") return PodStand::NotReady;
  return pod.phase == "Succeeded" ? PodStand::Missing : PodStand::Counted;
}

/// What a pod requests of a resource, of one container when it is named; nothing, and `lacks`, when
/// a container has no such request.
std::optional<std::int64_t> request_of(const ScaledPod& pod, const std::string& resource,
                                       const std::string& container, std::string& lacks) {
  if (container.empty() && pod.requests) {
    if (const auto own = pod.requests->find(resource); own != pod.requests->end())
      return own->second.milli();
  }
  std::int64_t sum = 0;
  for (const ScaledPod::Container& each : pod.containers) {
    if (!container.empty() && each.name != container) continue;
    const auto found = each.requests.find(resource);
    if (found == each.requests.end()) {
      lacks = fmt::format("container {} of pod {} has no request for {}", each.name, pod.name,
                          resource);
      return std::nullopt;
    }
    sum += found->second.milli();
  }
  return sum;
}

/// The pods that take part in one ratio.
class Shares {
 public:
  Shares(std::vector<PodShare>& pods, const ScaleMetric& metric) : pods_(pods) {
    relative_ = !metric.target.average_value;
    target_ =
        relative_ ? metric.target.utilization.value_or(0) : metric.target.average_value->milli();
  }

  bool relative() const { return relative_; }
  std::int64_t target() const { return target_; }
  bool any(PodStand stand) const {
    return std::any_of(pods_.begin(), pods_.end(),
                       [&](const PodShare& pod) { return pod.stand == stand; });
  }

  /// Hundredths of the requests or the average, of all pods of these stands; nothing without any.
  std::optional<std::int64_t> measure(const std::set<PodStand>& stands) const {
    Wide used = 0;
    Wide requested = 0;
    Wide count = 0;
    for (const PodShare& pod : pods_) {
      if (stands.count(pod.stand) == 0) continue;
      used += pod.used;
      requested += pod.request;
      ++count;
    }
    const Wide whole = relative_ ? requested : count;
    if (whole == 0) return std::nullopt;
    constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
    return static_cast<std::int64_t>(std::min(used * (relative_ ? 100 : 1) / whole, kMost));
  }

  int count(const std::set<PodStand>& stands) const {
    return static_cast<int>(std::count_if(pods_.begin(), pods_.end(), [&](const PodShare& pod) {
      return stands.count(pod.stand) > 0;
    }));
  }

  double ratio(std::int64_t measured) const {
    return static_cast<double>(measured) / static_cast<double>(target_);
  }

  /// What pods without a figure are taken for when fewer replicas are called for.
  void assume_full() {
    for (PodShare& pod : pods_) {
      if (pod.stand != PodStand::Missing) continue;
      pod.used = relative_ ? static_cast<std::int64_t>(Wide{pod.request} *
                                                       std::max<std::int64_t>(100, target_) / 100)
                           : target_;
    }
  }

 private:
  std::vector<PodShare>& pods_;
  bool relative_ = false;
  std::int64_t target_ = 0;
};

/// The second look, with what is assumed of the pods that were left out of the first.
void assume(Proposal& proposal, Shares& shares, bool with_not_ready, int wanted,
            const Tolerances& tolerances) {
  std::set<PodStand> stands = {PodStand::Counted};
  if (proposal.ratio < 1.0) shares.assume_full();
  if (proposal.ratio != 1.0) stands.insert(PodStand::Missing);
  if (with_not_ready) stands.insert(PodStand::NotReady);
  const double first = proposal.ratio;
  const double ratio = shares.ratio(shares.measure(stands).value_or(0));
  proposal.assumed_ratio = ratio;
  proposal.counts = shares.count(stands);
  proposal.replicas = wanted;
  if (tolerances.within(ratio)) {
    proposal.rule = ProposalRule::WithinTolerance;
    return;
  }
  if ((first < 1.0 && ratio > 1.0) || (first > 1.0 && ratio < 1.0)) {
    proposal.rule = ProposalRule::Reverses;
    return;
  }
  const int replicas = rounded_up(ratio * proposal.counts);
  if ((ratio < 1.0 && replicas > wanted) || (ratio > 1.0 && replicas < wanted)) {
    proposal.rule = ProposalRule::CountReverses;
    return;
  }
  proposal.rule = ProposalRule::Ratio;
  proposal.replicas = replicas;
}

void decide(Proposal& proposal, Shares& shares, int wanted, const Tolerances& tolerances) {
  const bool with_not_ready = shares.any(PodStand::NotReady) && proposal.ratio > 1.0;
  if (with_not_ready || shares.any(PodStand::Missing)) {
    assume(proposal, shares, with_not_ready, wanted, tolerances);
    return;
  }
  proposal.counts = shares.count({PodStand::Counted});
  const bool within = tolerances.within(proposal.ratio);
  proposal.rule = within ? ProposalRule::WithinTolerance : ProposalRule::Ratio;
  proposal.replicas = within ? wanted : rounded_up(proposal.ratio * proposal.counts);
}

Proposal failed(Proposal proposal, std::string why) {
  proposal.rule = ProposalRule::Failed;
  proposal.failure = std::move(why);
  return proposal;
}

std::int64_t of(const std::optional<Quantity>& amount) { return amount ? amount->milli() : 0; }

double quotient(std::int64_t measured, std::int64_t target) {
  return static_cast<double>(measured) / static_cast<double>(target);
}

/// What shares were made of: a status has them rounded up, so that their sum is one of `pods`
/// amounts, the whole one where there is one, as most of what is counted so comes in whole numbers,
/// otherwise the least. The largest would call for a pod too many.
std::int64_t sum_of_shares(std::int64_t share, int pods) {
  constexpr Wide kOne = 1000;
  constexpr Wide kMost = std::numeric_limits<std::int64_t>::max();
  if (share <= 0) return share;
  const Wide most = Wide{share} * pods;
  const Wide least = (Wide{share} - 1) * pods + 1;
  const Wide whole = (least + kOne - 1) / kOne * kOne;
  return static_cast<std::int64_t>(std::min(whole <= most ? whole : least, kMost));
}

int ready_pods(const std::vector<ScaledPod>& pods) {
  return static_cast<int>(std::count_if(pods.begin(), pods.end(), [](const ScaledPod& pod) {
    return pod.phase == "Running" && pod.is_ready();
  }));
}

}  // namespace

ScaleSettings read_scale_settings(const std::vector<std::string>& command_line) {
  constexpr std::string_view kPrefix = "--horizontal-pod-autoscaler-";
  ScaleSettings settings;
  const auto read_seconds = [](std::string_view text, seconds& into) {
    if (const auto read = parse_go_duration(text)) into = std::chrono::floor<seconds>(*read);
  };
  for (std::string_view word : command_line) {
    if (!word.starts_with(kPrefix)) continue;
    word.remove_prefix(kPrefix.size());
    const size_t equals = word.find('=');
    if (equals == word.npos) continue;
    const std::string_view name = word.substr(0, equals);
    const std::string_view value = word.substr(equals + 1);
    if (name == "cpu-initialization-period") read_seconds(value, settings.cpu_initialization);
    if (name == "initial-readiness-delay") read_seconds(value, settings.initial_readiness);
    if (name == "downscale-stabilization") read_seconds(value, settings.down_stabilization);
    if (name == "sync-period") read_seconds(value, settings.sync);
    if (name != "tolerance") continue;
    if (const auto amount = Quantity::parse(value)) settings.tolerance = amount->approximate();
  }
  return settings;
}

Tolerances tolerances_of(const Autoscaler& hpa, const ScaleSettings& settings) {
  return {hpa.down.tolerance.value_or(settings.tolerance),
          hpa.up.tolerance.value_or(settings.tolerance)};
}

int Proposal::number_of(PodStand stand) const {
  return static_cast<int>(std::count_if(
      pods.begin(), pods.end(), [stand](const PodShare& pod) { return pod.stand == stand; }));
}

PodSamples samples_of(const std::vector<MeasuredPod>& measured, const std::string& resource,
                      const std::string& container) {
  PodSamples samples;
  for (const MeasuredPod& pod : measured) {
    PodSample sample{.time = parse_timestamp(pod.time), .window = pod.window};
    bool any = false;
    bool complete = true;
    for (const MeasuredPod::Container& each : pod.containers) {
      if (!container.empty() && each.name != container) continue;
      const auto found = each.usage.find(resource);
      any = true;
      complete = complete && found != each.usage.end();
      if (complete) sample.value += found->second.milli();
    }
    if (any && complete) samples[pod.name] = sample;
  }
  return samples;
}

Proposal propose_by_pods(const ScaleMetric& metric, int wanted, const std::vector<ScaledPod>& pods,
                         const PodSamples& samples, const Tolerances& tolerances,
                         const ScaleSettings& settings, Timestamp now) {
  Proposal proposal{.metric = metric_text(metric)};
  if (!metric.target.average_value && metric.target.utilization.value_or(0) <= 0)
    return failed(std::move(proposal), "the metric has no target");
  if (pods.empty()) return failed(std::move(proposal), "the selector finds no pods");
  const bool cpu = metric.name == "cpu";
  proposal.bytes = metric.name == "memory";
  std::string lacks;
  for (const ScaledPod& pod : pods) {
    const auto found = samples.find(pod.name);
    const PodSample* sample = found == samples.end() ? nullptr : &found->second;
    PodShare share{.name = pod.name, .stand = stand_of(pod, sample, cpu, settings, now)};
    if (share.stand == PodStand::Counted) share.used = sample->value;
    share.request = request_of(pod, metric.name, metric.container, lacks).value_or(0);
    proposal.pods.push_back(std::move(share));
  }
  Shares shares(proposal.pods, metric);
  proposal.relative = shares.relative();
  proposal.target = shares.target();
  if (!shares.any(PodStand::Counted))
    return failed(std::move(proposal),
                  "no pod that counts has been measured; they may not be ready yet");
  if (shares.relative() && !lacks.empty()) return failed(std::move(proposal), lacks);
  const auto measured = shares.measure({PodStand::Counted});
  if (!measured || proposal.target <= 0)
    return failed(std::move(proposal), "the pods request nothing that could be compared with");
  proposal.measured = *measured;
  proposal.ratio = shares.ratio(*measured);
  decide(proposal, shares, wanted, tolerances);
  return proposal;
}

Proposal propose_by_average(const ScaleMetric& metric, const MetricValue& measured, int wanted,
                            const std::vector<ScaledPod>& pods, const Tolerances& tolerances) {
  Proposal proposal{.metric = metric_text(metric), .presumed = true};
  proposal.target = of(metric.target.average_value);
  if (proposal.target <= 0) return failed(std::move(proposal), "the metric has no target");
  if (!measured.average_value)
    return failed(std::move(proposal), "the autoscaler's status has no figure of it");
  if (pods.empty()) return failed(std::move(proposal), "the selector finds no pods");
  proposal.measured = measured.average_value->milli();
  for (const ScaledPod& pod : pods) {
    PodShare share{.name = pod.name, .stand = presumed_stand_of(pod)};
    if (share.stand == PodStand::Counted) share.used = proposal.measured;
    proposal.pods.push_back(std::move(share));
  }
  Shares shares(proposal.pods, metric);
  if (!shares.any(PodStand::Counted))
    return failed(std::move(proposal), "no pod that counts is running");
  proposal.ratio = shares.ratio(proposal.measured);
  decide(proposal, shares, wanted, tolerances);
  return proposal;
}

Proposal propose_by_value(const ScaleMetric& metric, const MetricValue& measured, int wanted,
                          const std::vector<ScaledPod>& pods, const Tolerances& tolerances) {
  Proposal proposal{.metric = metric_text(metric)};
  proposal.target = of(metric.target.value);
  if (proposal.target <= 0) return failed(std::move(proposal), "the metric has no target");
  if (!measured.value)
    return failed(std::move(proposal), "the autoscaler's status has no figure of it");
  proposal.measured = measured.value->milli();
  proposal.ratio = quotient(proposal.measured, proposal.target);
  // Without pods there is no tolerance: the first one is wanted as soon as there is work.
  const bool within = wanted != 0 && tolerances.within(proposal.ratio);
  if (!within && wanted != 0 && pods.empty())
    return failed(std::move(proposal), "the selector finds no pods");
  proposal.rule = within ? ProposalRule::WithinTolerance : ProposalRule::Ratio;
  proposal.counts = wanted == 0 ? 1 : ready_pods(pods);
  proposal.replicas = within ? wanted : rounded_up(proposal.ratio * proposal.counts);
  return proposal;
}

Proposal propose_by_share(const ScaleMetric& metric, const MetricValue& measured, int existing,
                          const Tolerances& tolerances) {
  Proposal proposal{.metric = metric_text(metric)};
  proposal.target = of(metric.target.average_value);
  if (proposal.target <= 0) return failed(std::move(proposal), "the metric has no target");
  if (!measured.average_value)
    return failed(std::move(proposal), "the autoscaler's status has no figure of it");
  if (existing <= 0)
    return failed(std::move(proposal), "there is no pod, and so the status has no share of one");
  proposal.measured = measured.average_value->milli();
  const double sum = static_cast<double>(sum_of_shares(proposal.measured, existing));
  const double each = static_cast<double>(proposal.target);
  proposal.ratio = sum / (each * existing);
  proposal.counts = existing;
  const bool within = tolerances.within(proposal.ratio);
  proposal.rule = within ? ProposalRule::WithinTolerance : ProposalRule::Ratio;
  proposal.replicas = within ? existing : rounded_up(sum / each);
  return proposal;
}

std::string metric_text(const ScaleMetric& metric) {
  switch (metric.source) {
    case Source::Resource:
      return metric.name;
    case Source::ContainerResource:
      return fmt::format("{} of container {}", metric.name, metric.container);
    case Source::Pods:
      return fmt::format("{} of the pods", metric.name);
    case Source::Object:
      return fmt::format("{} of {}", metric.name, metric.object);
    case Source::External:
      return fmt::format("{} (external)", metric.name);
  }
  return metric.name;
}

}  // namespace drover::plans
