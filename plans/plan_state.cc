#include "plans/plan_state.h"

#include <algorithm>

namespace drover::plans {

PlanState::PlanState(const Plan& plan, int slots) : plan_(plan), slots_(slots) {
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::StaticPodsHealthy) control_planes_.insert(step.node);
  }
}

bool PlanState::is_worker(const std::string& node) const { return !control_planes_.contains(node); }

int PlanState::slots_taken() const {
  return static_cast<int>(
      std::count_if(open_.begin(), open_.end(), [&](const auto& node) { return is_worker(node); }));
}

bool PlanState::needs_met(const Step& step) const {
  return std::all_of(step.needs.begin(), step.needs.end(),
                     [&](const auto& need) { return succeeded_.contains(need); });
}

bool PlanState::may_start(const Step& step) const {
  if (!needs_met(step)) return false;
  const bool in_window = !step.node.empty() && open_.contains(step.node);
  if (failed() && !in_window) return false;
  if (step.kind == StepKind::Cordon && is_worker(step.node) && !open_.contains(step.node)) {
    return slots_taken() < slots_;
  }
  return true;
}

std::vector<const Step*> PlanState::ready() const {
  std::vector<const Step*> steps;
  bool slot_given = false;  // one worker a call: start() tells of the slot it took
  for (const Step& step : plan_.steps) {
    if (running_.contains(step.id) || succeeded_.contains(step.id) || failed_.contains(step.id)) {
      continue;
    }
    if (!may_start(step)) continue;
    if (step.kind == StepKind::Cordon) {
      if (slot_given) continue;
      slot_given = true;
    }
    steps.push_back(&step);
  }
  return steps;
}

bool PlanState::pass(const Step& step) {
  if (!needs_met(step) || !succeeded_.emplace(step.id).second) return false;
  if (step.kind == StepKind::Settled) open_.erase(step.node);
  return true;
}

void PlanState::start(std::string_view id) {
  running_.emplace(id);
  const Step* step = plan_.find(id);
  if (step->kind == StepKind::Cordon) open_.insert(step->node);
}

void PlanState::end(std::string_view id, Outcome outcome) {
  running_.erase(running_.find(id));
  if (outcome == Outcome::Failed) {
    failed_.emplace(id);
    return;
  }
  succeeded_.emplace(id);
  const Step* step = plan_.find(id);
  if (step->kind == StepKind::Settled) open_.erase(step->node);
}

std::vector<std::string> PlanState::left() const {
  std::vector<std::string> ids;
  for (const Step& step : plan_.steps) {
    if (!succeeded_.contains(step.id)) ids.push_back(step.id);
  }
  return ids;
}

}  // namespace drover::plans
