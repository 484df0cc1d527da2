#include "orchestrator/ui/plan_blocks.h"

#include <algorithm>
#include <set>

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

struct Span {
  seconds begin{0};
  seconds end{0};
};

// When each step would run if every estimate came true and one node at a time had its turn.
std::map<std::string, Span> schedule(const Plan& plan) {
  std::map<std::string, Span> spans;
  seconds turn_free{0};
  for (const Step& step : plan.steps) {
    Span span;
    for (const std::string& need : step.needs) span.begin = std::max(span.begin, spans[need].end);
    const bool has_turn = !step.node.empty() && !is_preparation(step);
    if (has_turn) span.begin = std::max(span.begin, turn_free);
    span.end = span.begin + step.estimate;
    if (has_turn) turn_free = span.end;
    spans[step.id] = span;
  }
  return spans;
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
  std::map<std::string, Span> spans = schedule(plan);
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
      begin = std::min(begin, spans[step->id].begin);
      end = std::max(end, spans[step->id].end);
    }
    block.estimate = end - begin;
  }
  return blocks;
}

seconds plan_estimate(const Plan& plan) {
  seconds end{0};
  for (const auto& [id, span] : schedule(plan)) end = std::max(end, span.end);
  return end;
}

}  // namespace drover::orchestrator
