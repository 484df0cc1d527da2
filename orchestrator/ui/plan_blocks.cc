#include "orchestrator/ui/plan_blocks.h"

#include <algorithm>
#include <set>

#include "plans/rollout/schedule.h"

namespace drover::orchestrator {
namespace {

using plans::Plan;
using plans::Step;
using plans::StepKind;
using std::chrono::seconds;

bool is_preparation(const Step& step) {
  return step.kind == StepKind::Preflight || step.kind == StepKind::StagePackages ||
         step.kind == StepKind::StageImages;
}

std::set<std::string> control_planes(const Plan& plan) {
  std::set<std::string> nodes;
  for (const Step& step : plan.steps) {
    if (step.kind == StepKind::UpgradeApply || step.kind == StepKind::StaticPodsHealthy) {
      nodes.insert(step.node);
    }
  }
  return nodes;
}

// A step of the cluster in the middle of a node's turn belongs to that turn.
const std::string& turn_of(const std::vector<Step>& steps, size_t at, const std::string& current) {
  if (!steps[at].node.empty()) return steps[at].node;
  const auto next = std::find_if(steps.begin() + static_cast<std::ptrdiff_t>(at), steps.end(),
                                 [](const Step& step) { return !step.node.empty(); });
  static const std::string kNone;
  return next != steps.end() && next->node == current ? current : kNone;
}

}  // namespace

std::vector<PlanBlock> plan_blocks(const Plan& plan) {
  const std::set<std::string> leaders = control_planes(plan);
  const plans::Schedule schedule = plans::foresee(plan);
  std::vector<PlanBlock> blocks;
  for (size_t i = 0; i < plan.steps.size(); ++i) {
    const Step& step = plan.steps[i];
    PlanBlock block;
    if (is_preparation(step)) {
      block.kind = PlanBlock::Kind::Preparation;
    } else {
      block.node = turn_of(plan.steps, i, blocks.empty() ? "" : blocks.back().node);
      if (leaders.count(block.node) > 0) {
        block.kind = PlanBlock::Kind::ControlPlane;
      } else if (!block.node.empty()) {
        block.kind = PlanBlock::Kind::Worker;
      }
    }
    const bool goes_on =
        !blocks.empty() && blocks.back().kind == block.kind && blocks.back().node == block.node;
    if (!goes_on) blocks.push_back(block);
    blocks.back().steps.push_back(&step);
  }
  for (PlanBlock& block : blocks) {
    seconds begin = seconds::max();
    seconds end{0};
    for (const Step* step : block.steps) {
      const plans::Span& span = schedule.spans[static_cast<size_t>(step - plan.steps.data())];
      begin = std::min(begin, span.begin);
      end = std::max(end, span.end);
    }
    block.estimate = end - begin;
  }
  return blocks;
}

seconds plan_estimate(const Plan& plan) { return plans::foresee(plan).total; }

}  // namespace drover::orchestrator
