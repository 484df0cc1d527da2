#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/hpa_text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

using plans::DrainFit;
using plans::Fit;
using plans::Limited;
using plans::PodStand;
using plans::PolicyBound;
using plans::Proposal;
using plans::ProposalRule;
using plans::ScaleCase;
using plans::ScaleDecision;
using plans::ScaleLimit;
using plans::ScaleSituation;
using plans::Told;

constexpr std::size_t kLine = 100;
constexpr std::size_t kReasonIndent = 4;
constexpr std::size_t kReasonBytes = 1500;
constexpr int kThousand = 1000;

std::string count(int number, std::string_view word) {
  return plural(static_cast<std::size_t>(std::max(number, 0)), word);
}

std::string figure(const Proposal& proposal, std::int64_t amount) {
  if (proposal.relative) return fmt::format("{}%", amount);
  if (proposal.bytes) return fmt::format("{}Mi", amount / kThousand >> 20);
  return amount % kThousand == 0 ? fmt::format("{}", amount / kThousand)
                                 : fmt::format("{}m", amount);
}

std::string time_text(plans::Timestamp at) { return time_of_day(utc_seconds(at)) + " UTC"; }

std::string calculation(const Proposal& proposal) {
  const double ratio = proposal.assumed_ratio.value_or(proposal.ratio);
  return fmt::format("ceil({} x {:.3f}) = {}", proposal.counts, ratio, proposal.replicas);
}

/// Which rule had the last word on a metric.
std::string rule_text(const Proposal& proposal, const plans::Tolerances& tolerances) {
  switch (proposal.rule) {
    case ProposalRule::Ratio:
      return calculation(proposal);
    case ProposalRule::WithinTolerance:
      return fmt::format("no change: between {:.3g} and {:.3g} is near enough", 1 - tolerances.down,
                         1 + tolerances.up);
    case ProposalRule::Reverses:
      return "no change: with what is assumed of the others it would go the other way";
    case ProposalRule::CountReverses:
      return "no change: for the number of pods that count it would go the other way";
    case ProposalRule::Failed:
      return sanitise(proposal.failure);
  }
  return "";
}

std::string stands_text(const Proposal& proposal) {
  if (proposal.pods.empty()) return "";
  std::vector<std::string> parts = {
      fmt::format("{} counted", count(proposal.number_of(PodStand::Counted), "pod"))};
  const bool up = proposal.ratio > 1.0;
  if (const int n = proposal.number_of(PodStand::NotReady); n > 0)
    parts.push_back(fmt::format("{} not ready ({})", n, up ? "taken for 0" : "left out"));
  if (const int n = proposal.number_of(PodStand::Missing); n > 0)
    parts.push_back(
        fmt::format("{} not measured (taken for {})", n, up ? "0" : "all that is to be used"));
  if (const int n = proposal.number_of(PodStand::Ignored); n > 0)
    parts.push_back(fmt::format("{} going or failed (ignored)", n));
  return join(parts, ", ");
}

std::string proposals_text(const ScaleExplanation& explanation, bool color) {
  const auto tolerances =
      plans::tolerances_of(explanation.situation.hpa, explanation.situation.settings);
  std::vector<std::vector<Cell>> rows = {
      text_row({"METRIC", "MEASURED", "TARGET", "RATIO", "CALLS FOR", "BECAUSE"})};
  std::string pods;
  bool presumed = false;
  for (const Proposal& proposal : explanation.decision.proposals) {
    presumed = presumed || (proposal.presumed && !proposal.pods.empty());
    const bool failed = proposal.rule == ProposalRule::Failed;
    std::string ratio = fmt::format("{:.3f}", proposal.ratio);
    if (proposal.assumed_ratio && *proposal.assumed_ratio != proposal.ratio)
      ratio += fmt::format(" -> {:.3f}", *proposal.assumed_ratio);
    rows.push_back(text_row(
        {sanitise(proposal.metric), failed ? "<unknown>" : figure(proposal, proposal.measured),
         failed ? "-" : figure(proposal, proposal.target), failed ? "-" : ratio,
         failed ? "-" : fmt::format("{}", proposal.replicas), rule_text(proposal, tolerances)},
        failed ? Colour::Yellow : Colour::Plain));
    if (const std::string stands = stands_text(proposal); !stands.empty())
      pods += fmt::format("  {}: {}\n", sanitise(proposal.metric), stands);
  }
  if (presumed)
    pods +=
        hang("  ",
             "Whether a pod lacks a metric of its own cannot be seen from outside: each one that "
             "runs is taken to have it.",
             kReasonIndent / 2, kLine);
  return table(rows, color) + pods;
}

std::string policy_text(const PolicyBound& bound) {
  constexpr std::array<const char*, 4> kBegan = {"", "at most ", "at least ", "about "};
  const ScalePolicy& policy = bound.policy;
  return fmt::format("{}{} in {} from {}{} allows {}{}", policy.value,
                     policy.percent ? "%" : " pods", format_duration(policy.period),
                     kBegan.at(static_cast<std::size_t>(bound.began)), bound.began_with,
                     bound.bound, bound.certain() ? "" : ": what it began with is not known");
}

/// That a policy may cut what it seems to allow.
std::string doubt_text(const ScaleDecision& decision) {
  const Limited& limited = *decision.limited;
  if (!limited.decisive || limited.bounds[*limited.decisive].certain()) return "";
  return "the policies may not allow that much: " + policy_text(limited.bounds[*limited.decisive]);
}

std::string window_text(const ScaleExplanation& explanation) {
  const ScaleDecision& decision = explanation.decision;
  const ScaleSituation& situation = explanation.situation;
  if (decision.told == Told::Stabilised)
    return "held as it is: the controller says that it recommended otherwise within its window of "
           "stabilisation";
  if (decision.told == Told::Recommended)
    return fmt::format(
        "held as it is: when the controller looked last it recommended no fewer, and its window of "
        "stabilisation remembers that for {}",
        format_duration(*plans::down_rules(situation.hpa, situation.settings).window));
  const Limited& limited = *decision.limited;
  if (!limited.holder) return "";
  return fmt::format("held at {} until {}: {} was set {} ago, and the {} of the window counts",
                     limited.stabilised, time_text(*limited.held_until), limited.holder->replicas,
                     age_text(std::chrono::duration_cast<std::chrono::seconds>(situation.now -
                                                                               limited.holder->at)),
                     limited.stabilised > decision.proposed ? "highest" : "lowest");
}

std::string limit_text(const ScaleExplanation& explanation) {
  const Autoscaler& hpa = explanation.situation.hpa;
  const Limited& limited = *explanation.decision.limited;
  switch (limited.limit) {
    case ScaleLimit::None:
      return doubt_text(explanation.decision);
    case ScaleLimit::Most:
      return fmt::format("cut to {}: that is maxReplicas", hpa.max);
    case ScaleLimit::Least:
      return fmt::format("raised to {}: that is minReplicas", hpa.min);
    case ScaleLimit::UpRate:
    case ScaleLimit::DownRate:
      break;
  }
  const bool up = limited.limit == ScaleLimit::UpRate;
  if (limited.disabled)
    return fmt::format("stays: the behaviour does not let it scale {}", up ? "up" : "down");
  const std::string what = fmt::format("{} to {}", up ? "cut" : "raised", limited.replicas);
  if (!limited.decisive) return what + ": at most twice as many at a time, or four";
  std::vector<std::string> bounds;
  for (const PolicyBound& bound : limited.bounds) bounds.push_back(policy_text(bound));
  return fmt::format("{} by the policies: {}", what, join(bounds, "; "));
}

std::string step(std::string_view text) {
  return text.empty() ? "" : hang("  - ", text, kReasonIndent, kLine);
}

std::string rules_text(const ScaleExplanation& explanation) {
  const ScaleDecision& decision = explanation.decision;
  const Autoscaler& hpa = explanation.situation.hpa;
  switch (decision.which) {
    case ScaleCase::Disabled:
      return step("the workload is scaled to zero: the controller leaves it alone");
    case ScaleCase::AboveMost:
      return step(fmt::format("{} is above maxReplicas, {}: down to it, whatever is measured",
                              decision.wanted, hpa.max));
    case ScaleCase::BelowLeast:
      return step(fmt::format("{} is below minReplicas, {}: up to it, whatever is measured",
                              decision.wanted, hpa.min));
    case ScaleCase::Blind:
      if (!decision.refused.empty())
        return step("the controller does not accept its selector: nothing is changed");
      return step(decision.decisive ? "a metric cannot be read, and the others call for fewer: "
                                      "nothing is taken away blindly"
                                    : "no metric can be read: nothing is changed blindly");
    case ScaleCase::Metrics:
      break;
  }
  const Proposal& decisive = decision.proposals[*decision.decisive];
  std::string text = step(fmt::format("the largest proposal counts: {} of {}", decision.proposed,
                                      sanitise(decisive.metric)));
  text += step(window_text(explanation));
  if (decision.told == Told::Nothing) text += step(limit_text(explanation));
  return text;
}

/// What it says of itself when something is wrong; it may know of what nobody else sees.
std::string controller_text(const Autoscaler& hpa) {
  std::string text;
  for (const char* type : {"AbleToScale", "ScalingActive"}) {
    const AutoscalerCondition* condition = hpa.condition(type);
    if (condition == nullptr || condition->holds) continue;
    text += step(fmt::format("the controller itself says: {}: {}", sanitise(condition->reason),
                             sanitise(condition->message, kReasonBytes)));
  }
  return text;
}

std::string verdict(const ScaleDecision& decision) {
  if (decision.replicas == decision.wanted)
    return fmt::format("It stays at {}.\n", count(decision.wanted, "pod"));
  const std::string change =
      fmt::format("It goes from {} to {}", decision.wanted, count(decision.replicas, "pod"));
  if (!decision.may_be_held) return change + ".\n";
  return fmt::format(
      "{}, unless it recommended otherwise within the last {}, which only it knows.\n", change,
      format_duration(*decision.may_be_held));
}

std::string fit_text(const DrainFit& fit, const Autoscaler& hpa) {
  switch (fit.fit) {
    case Fit::Fits:
      return "can be drained";
    case Fit::WithMore:
      return fmt::format(
          "cordon it (drover node cordon {}), raise minReplicas to {}, wait until they are ready",
          sanitise(fit.node), fit.raise_to);
    case Fit::TooFew:
      return fmt::format("the others cannot carry it, and maxReplicas is {}", hpa.max);
    case Fit::Unknown:
      return "not known: " + sanitise(fit.unknown);
  }
  return "";
}

std::string fits_text(const ScaleExplanation& explanation, bool color) {
  if (explanation.fits.empty()) return "";
  std::vector<std::vector<Cell>> rows = {
      text_row({"NODE", "PODS", "READY ELSEWHERE", "IT TAKES", "RATIO THEN", "A DRAIN"})};
  std::string budgets;
  for (const DrainFit& fit : explanation.fits) {
    const bool known = fit.fit != Fit::Unknown;
    rows.push_back(
        text_row({sanitise(fit.node), fmt::format("{}", fit.pods), fmt::format("{}", fit.remaining),
                  known ? fmt::format("{}", fit.needed) : "-",
                  known && fit.remaining > 0 ? fmt::format("{:.3f}", fit.ratio_then) : "-",
                  fit_text(fit, explanation.situation.hpa)},
                 fit.fit == Fit::Fits ? Colour::Plain : Colour::Yellow));
    if (!fit.budget.empty())
      budgets += step(fmt::format("{}: {}", sanitise(fit.node), sanitise(fit.budget)));
  }
  if (!budgets.empty() && explanation.situation.scale.wanted == explanation.situation.hpa.min)
    budgets += step(
        "the autoscaler is at its minimum: one more in minReplicas gives the budget "
        "room");
  return "\nIf a node is drained, until the new pods are ready:\n" + table(rows, color) + budgets;
}

}  // namespace

std::string explanation_text(const ScaleExplanation& explanation, bool color) {
  const ScaleSituation& situation = explanation.situation;
  const Autoscaler& hpa = situation.hpa;
  std::string text =
      fmt::format("{}/{} scales {} {} between {} and {}: {} wanted, {} there.\n", sanitise(hpa.ns),
                  sanitise(hpa.name), sanitise(hpa.target.kind), sanitise(hpa.target.name), hpa.min,
                  hpa.max, count(situation.scale.wanted, "pod"), situation.scale.current);
  if (!explanation.decision.proposals.empty())
    text += '\n' + proposals_text(explanation, color) + '\n';
  text += rules_text(explanation) + controller_text(hpa) + verdict(explanation.decision);
  return text + fits_text(explanation, color);
}

}  // namespace drover::orchestrator
