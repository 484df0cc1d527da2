#include "plans/drain_forecast.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

template <class List>
void add_once(List& list, const std::string& text) {
  if (std::find(list.begin(), list.end(), text) == list.end()) list.push_back(text);
}

}  // namespace

std::string replicas_key(const Pod& pod) {
  const auto& owner = pod.controller;
  if (!owner || !keeps_replicas(owner->kind)) return "";
  return fmt::format("{}/{}/{}", owner->kind, pod.ns, owner->name);
}

DrainForecast::DrainForecast(const ClusterFacts& facts, const DrainPolicy& policy)
    : policy_(policy), budgets_(facts.budgets), daemonsets_(daemonsets_of(facts.workloads)) {
  for (const Pod& pod : facts.pods) pods_[pod.node].push_back(&pod);
  for (const Replicas& owner : facts.replicas) {
    wanted_[fmt::format("{}/{}/{}", owner.kind, owner.ns, owner.name)] = owner.wanted;
  }
}

// Reasons that never pass by themselves, and budgets without room at this moment.
void DrainForecast::judge_budgets(const Pod& pod, bool evicts, ForeseenDrain& drain) const {
  const Budgets budgets = budgets_.covering(pod);
  const BudgetStance stance = budget_stance(pod, budgets);
  if (!evicts) {
    if (stance.kind == BudgetStance::Free) return;
    for (const auto* budget : budgets) add_once(drain.bypasses, budget_text(*budget));
    return;
  }
  const std::string line = fmt::format("{}: {}", pod.full_name(), stance.why);
  if (stance.kind == BudgetStance::Never) drain.blocked_by.push_back(line);
  if (stance.kind == BudgetStance::Waits) drain.pending.push_back(line);
}

void DrainForecast::judge_owner(const Pod& pod, ForeseenDrain& drain) const {
  const std::string key = replicas_key(pod);
  if (key.empty() || pod.finished()) return;
  const auto wanted = wanted_.find(key);
  if (wanted != wanted_.end() && wanted->second == 1) {
    drain.single_replicas.push_back(pod.full_name());
  }
}

ForeseenDrain DrainForecast::of(const std::string& node, std::string_view host) const {
  ForeseenDrain drain;
  drain.node = node;
  const auto there = pods_.find(node);
  if (there == pods_.end() || policy_.skip) return drain;
  const DrainSelection selection = select_pods(there->second, policy_, daemonsets_);
  for (const RefusedPods& refused : selection.refused) {
    for (const std::string& pod : refused.pods) {
      drain.blocked_by.push_back(refusal_text({refused.reason, refused.override_key, {pod}}, 1));
    }
  }
  const auto lost = [&](DrainLoss loss) {
    const auto found = selection.loss.find(loss);
    return found == selection.loss.end() ? std::vector<std::string>{} : found->second;
  };
  drain.ignores = lost(DrainLoss::IgnoredDaemonSet);
  drain.loses_data = lost(DrainLoss::LocalData);
  drain.gone_for_good = lost(DrainLoss::NoController);
  const bool evicts = !policy_.disables_eviction(host);
  for (const Pod* pod : selection.evict) {
    if (pod->deleting) continue;  // going already: neither evicted nor held by a budget
    drain.evicts.push_back(pod->full_name());
    judge_budgets(*pod, evicts, drain);
    judge_owner(*pod, drain);
  }
  return drain;
}

ForeseenDrain forecast_drain(const ClusterFacts& facts, const std::string& node,
                             const DrainPolicy& policy) {
  return DrainForecast(facts, policy).of(node, node);
}

}  // namespace drover::plans
