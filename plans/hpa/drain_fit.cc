#include "plans/hpa/drain_fit.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "plans/budget_index.h"

namespace drover::plans {
namespace {

struct Load {
  double pods = 0;     ///< that it would take to be exactly at the target
  double allowed = 1;  ///< above the target, by the tolerance
  std::string metric;

  int needed() const {
    // What is carried exactly is carried, whatever the last bit of the division says.
    constexpr double kSlack = 1e-9;
    return std::max(1, static_cast<int>(std::ceil(pods / allowed - kSlack)));
  }
};

/// Why the load cannot be told: a metric that nobody sees may be the one that needs most.
std::string unknown_of(const ScaleDecision& decision) {
  for (const Proposal& proposal : decision.proposals)
    if (proposal.rule == ProposalRule::Failed)
      return fmt::format("{} cannot be read", proposal.metric);
  if (!decision.proposals.empty()) return "";
  return decision.replicas == decision.wanted
             ? "no metric decides"
             : fmt::format("no metric is looked at before it has {}", decision.replicas);
}

/// Of the metric that needs most; nothing without one.
std::optional<Load> load_of(const ScaleSituation& situation, const ScaleDecision& decision) {
  const Tolerances tolerances = tolerances_of(situation.hpa, situation.settings);
  std::optional<Load> worst;
  for (const Proposal& proposal : decision.proposals) {
    const int counted =
        proposal.pods.empty() ? proposal.counts : proposal.number_of(PodStand::Counted);
    const Load load{proposal.ratio * counted, 1.0 + tolerances.up, proposal.metric};
    if (!worst || load.pods > worst->pods) worst = load;
  }
  return worst;
}

Fit judge(const Autoscaler& hpa, DrainFit& fit, int wanted) {
  if (fit.remaining >= fit.needed) return Fit::Fits;
  const int more = wanted + fit.needed - fit.remaining;
  if (more > hpa.max) return Fit::TooFew;
  fit.raise_to = more;
  return Fit::WithMore;
}

std::map<std::string, std::string> budget_reasons(const std::vector<Pod>& pods,
                                                  const std::vector<PodDisruptionBudget>& budgets) {
  const BudgetIndex index(budgets);
  std::map<std::string, std::string> reasons;
  for (const Pod& pod : pods) reasons[pod.name] = budget_stance(pod, index.covering(pod)).why;
  return reasons;
}

}  // namespace

std::vector<DrainFit> drain_fits(const ScaleSituation& situation, const ScaleDecision& decision,
                                 const std::vector<Pod>& pods,
                                 const std::vector<PodDisruptionBudget>& budgets) {
  const std::string unknown = unknown_of(decision);
  const auto load = unknown.empty() ? load_of(situation, decision) : std::nullopt;
  const auto reasons = budget_reasons(pods, budgets);
  std::map<std::string, DrainFit> by_node;
  int ready = 0;
  std::map<std::string, int> ready_there;
  for (const ScaledPod& pod : situation.pods) {
    if (pod.node.empty() || pod.deleting || pod.phase == "Failed" || pod.phase == "Succeeded")
      continue;
    DrainFit& fit = by_node[pod.node];
    ++fit.pods;
    ready += pod.is_ready() ? 1 : 0;
    ready_there[pod.node] += pod.is_ready() ? 1 : 0;
    if (const auto why = reasons.find(pod.name); fit.budget.empty() && why != reasons.end())
      fit.budget = why->second;
  }
  std::vector<DrainFit> fits;
  for (auto& [node, fit] : by_node) {
    fit.node = node;
    fit.unknown = unknown;
    fit.remaining = ready - ready_there[node];
    if (load) {
      fit.metric = load->metric;
      fit.needed = load->needed();
      fit.ratio_then = fit.remaining == 0 ? 0 : load->pods / fit.remaining;
      fit.fit = judge(situation.hpa, fit, decision.wanted);
    }
    fits.push_back(std::move(fit));
  }
  return fits;
}

}  // namespace drover::plans
