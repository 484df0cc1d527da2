#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/hpa_conditions.h"
#include "orchestrator/ui/hpa_text.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using plans::PodStand;
using plans::Proposal;
using plans::ProposalRule;

const char* name_of(ProposalRule rule) {
  switch (rule) {
    case ProposalRule::Ratio:
      return "ratio";
    case ProposalRule::WithinTolerance:
      return "within-tolerance";
    case ProposalRule::Reverses:
      return "reverses";
    case ProposalRule::CountReverses:
      return "count-reverses";
    case ProposalRule::Failed:
      return "failed";
  }
  return "";
}

const char* name_of(plans::ScaleCase which) {
  switch (which) {
    case plans::ScaleCase::Disabled:
      return "disabled";
    case plans::ScaleCase::AboveMost:
      return "above-max";
    case plans::ScaleCase::BelowLeast:
      return "below-min";
    case plans::ScaleCase::Blind:
      return "blind";
    case plans::ScaleCase::Metrics:
      return "metrics";
  }
  return "";
}

const char* name_of(plans::ScaleLimit limit) {
  switch (limit) {
    case plans::ScaleLimit::None:
      return "none";
    case plans::ScaleLimit::UpRate:
      return "up-rate";
    case plans::ScaleLimit::DownRate:
      return "down-rate";
    case plans::ScaleLimit::Most:
      return "max";
    case plans::ScaleLimit::Least:
      return "min";
  }
  return "";
}

const char* name_of(plans::Fit fit) {
  switch (fit) {
    case plans::Fit::Fits:
      return "fits";
    case plans::Fit::WithMore:
      return "with-more";
    case plans::Fit::TooFew:
      return "too-few";
    case plans::Fit::Unknown:
      return "unknown";
  }
  return "";
}

ordered_json proposal_json(const Proposal& proposal) {
  ordered_json json = {{"metric", sanitise(proposal.metric)}, {"rule", name_of(proposal.rule)}};
  if (proposal.rule == ProposalRule::Failed) {
    json["failure"] = sanitise(proposal.failure);
    return json;
  }
  json["unit"] = proposal.relative ? "percent" : "thousandths";
  json["measured"] = proposal.measured;
  json["target"] = proposal.target;
  json["ratio"] = proposal.ratio;
  if (proposal.assumed_ratio) json["assumed_ratio"] = *proposal.assumed_ratio;
  json["counts"] = proposal.counts;
  json["replicas"] = proposal.replicas;
  json["not_ready"] = proposal.number_of(PodStand::NotReady);
  json["not_measured"] = proposal.number_of(PodStand::Missing);
  json["ignored"] = proposal.number_of(PodStand::Ignored);
  if (proposal.presumed) json["presumed"] = true;
  return json;
}

ordered_json bound_json(const plans::PolicyBound& bound) {
  return {{"type", bound.policy.percent ? "percent" : "pods"},
          {"value", bound.policy.value},
          {"period_s", bound.policy.period.count()},
          {"began_with", bound.began_with},
          {"certain", bound.certain()},
          {"allows", bound.bound}};
}

ordered_json fit_json(const plans::DrainFit& fit) {
  ordered_json json = {{"node", sanitise(fit.node)},
                       {"fit", name_of(fit.fit)},
                       {"pods", fit.pods},
                       {"ready_elsewhere", fit.remaining},
                       {"needed", fit.needed},
                       {"ratio_then", fit.ratio_then},
                       {"raise_min_to", fit.raise_to},
                       {"budget", sanitise(fit.budget)}};
  if (fit.fit == plans::Fit::Unknown) json["unknown"] = sanitise(fit.unknown);
  return json;
}

}  // namespace

std::string autoscaler_conditions_json(const Autoscaler& hpa) {
  ordered_json json = ordered_json::array();
  for (const AutoscalerCondition& condition : hpa.conditions) {
    json.push_back({{"type", sanitise(condition.type)},
                    {"holds", condition.holds},
                    {"reason", sanitise(condition.reason)},
                    {"message", sanitise(condition.message)}});
  }
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

std::string explanation_json(const std::string& cluster, const ScaleExplanation& explanation) {
  const Autoscaler& hpa = explanation.situation.hpa;
  const plans::ScaleDecision& decision = explanation.decision;
  ordered_json json = {{"v", 1},
                       {"kind", "AutoscalerExplanation"},
                       {"cluster", cluster},
                       {"namespace", sanitise(hpa.ns)},
                       {"name", sanitise(hpa.name)},
                       {"min", hpa.min},
                       {"max", hpa.max},
                       {"wanted", decision.wanted},
                       {"there", explanation.situation.scale.current},
                       {"case", name_of(decision.which)}};
  json["metrics"] = ordered_json::array();
  for (const Proposal& proposal : decision.proposals) {
    json["metrics"].push_back(proposal_json(proposal));
  }
  if (decision.decisive) json["proposed"] = decision.proposed;
  if (decision.limited) {
    json["stabilised"] = decision.limited->stabilised;
    json["limit"] = name_of(decision.limited->limit);
    json["policies"] = ordered_json::array();
    for (const auto& bound : decision.limited->bounds)
      json["policies"].push_back(bound_json(bound));
    if (decision.limited->held_until)
      json["held_until"] = utc_seconds(*decision.limited->held_until);
  }
  json["held_as_told"] = decision.told != plans::Told::Nothing;
  json["certain"] = !decision.may_be_held;
  json["replicas"] = decision.replicas;
  json["conditions"] = ordered_json::parse(autoscaler_conditions_json(hpa));
  json["drains"] = ordered_json::array();
  for (const plans::DrainFit& fit : explanation.fits) json["drains"].push_back(fit_json(fit));
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
