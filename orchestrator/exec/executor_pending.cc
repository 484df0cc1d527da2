#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "orchestrator/exec/executor.h"
#include "plans/steps/pending_taint.h"

/// The pending taint beyond the steps' own order: it is set again when a run is taken up, and taken
/// away when a run ends before all nodes had their turn (S10).
namespace drover::orchestrator {
namespace {

using plans::Step;
using plans::StepKind;

const Step* preflight_of(const plans::Plan& plan) {
  const auto step = std::find_if(plan.steps.begin(), plan.steps.end(),
                                 [](const Step& s) { return s.kind == StepKind::Preflight; });
  const bool marks = step != plan.steps.end() && step->mutates();
  return marks ? &*step : nullptr;
}

/// Kubernetes names of the nodes of which that kind of step is still to be done.
std::vector<std::string> nodes_left(const plans::Plan& plan, const std::vector<std::string>& left,
                                    StepKind kind) {
  const std::set<std::string> ids(left.begin(), left.end());
  std::vector<std::string> nodes;
  for (const Step& step : plan.steps) {
    if (step.kind == kind && ids.contains(step.id)) nodes.push_back(step.param("node"));
  }
  return nodes;
}

}  // namespace

/// A run that ended before took the marks away; what still waits has them again.
void Executor::mark_waiting() {
  const Step* preflight = preflight_of(plan_);
  if (preflight == nullptr || !history_.kept.contains(preflight->id)) return;
  std::vector<std::string> nodes = nodes_left(plan_, state_.left(), StepKind::Cordon);
  const std::vector<std::string> workers = split_words(preflight->param(plans::kPendingNodes));
  std::erase_if(nodes, [&](const std::string& node) {
    return std::find(workers.begin(), workers.end(), node) == workers.end();
  });
  if (nodes.empty()) return;
  begin_marking(*preflight,
                {{plans::kPendingMode, "on"}, {plans::kPendingNodes, join(nodes, " ")}});
}

/// As long as a run is only interrupted, or paused, the marks say what is so: nodes wait.
void Executor::unmark_waiting() {
  const bool for_long = failed_ || cancelled_ || window_closed_ || !state_.left_over().empty();
  const Step* preflight = preflight_of(plan_);
  if (!for_long || interrupted_ || lock_lost_ || journal_broken_ || preflight == nullptr) return;
  if (!history_.attempts.contains(preflight->id)) return;  // none was marked
  const std::vector<std::string> nodes = nodes_left(plan_, state_.left(), StepKind::Uncordon);
  if (nodes.empty()) return;
  marks_left_ = true;
  begin_marking(*preflight,
                {{plans::kPendingMode, "off"}, {plans::kPendingNodes, join(nodes, " ")}});
}

void Executor::begin_marking(const Step& preflight, plans::Notes notes) {
  marking_ = preflight.id;
  state_.start_out_of_turn();
  begin(preflight, std::move(notes));
}

/// Whether nodes are marked changes nothing about what is done: the step, done before, stays so,
/// and what could not be changed is told.
bool Executor::is_marking(const Step& step, StepResult& result) {
  if (step.id != marking_) return false;
  const bool good = result.status == StepStatus::Succeeded || result.status == StepStatus::Skipped;
  if (good) {
    marks_left_ = false;
    return true;
  }
  if (!interrupted_) {
    events_.emit(Warning{"pending-taint", fmt::format("the taint {} may be left on nodes: {}",
                                                      kPendingTaint, result.error.message)});
  }
  result.message = result.error.message;
  result.error = {};
  result.status = StepStatus::Skipped;
  return true;
}

void Executor::end_marking() {
  state_.end_out_of_turn();
  marking_.clear();
}

}  // namespace drover::orchestrator
