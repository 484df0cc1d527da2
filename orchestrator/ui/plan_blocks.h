#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "plans/plan.h"

namespace drover::orchestrator {

/// Steps that a person thinks of as one piece of work: the preparation, a node's turn, the
/// cluster's own steps in between.
struct PlanBlock {
  enum class Kind { Preparation, ControlPlane, Worker, Cluster };
  Kind kind = Kind::Cluster;
  std::string node;  ///< of ControlPlane and Worker
  std::vector<const plans::Step*> steps;
  std::chrono::seconds estimate{0};
};

/// The plan in blocks, in its order. Points into `plan`.
std::vector<PlanBlock> plan_blocks(const plans::Plan& plan);

/// How long the whole is expected to take, with as many workers at once as the plan allows.
std::chrono::seconds plan_estimate(const plans::Plan& plan);

}  // namespace drover::orchestrator
