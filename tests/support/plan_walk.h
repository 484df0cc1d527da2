#pragma once

#include <catch2/catch.hpp>
#include <functional>

#include "plans/plan_state.h"
#include "tests/support/small_plan.h"

/// A plan of workers, and a run of it that a test takes by the hand.
namespace drover::plans {

using namespace std::chrono_literals;
using Outcome = PlanState::Outcome;
using Names = std::vector<std::string>;

inline Plan plan_of(int workers, const std::function<void(Rollout&)>& set = {}) {
  Plan plan = test::small_plan(workers);
  for (int i = 1; i <= workers; ++i) {
    const std::string name = "w" + std::to_string(i);
    plan.rollout.workers.push_back({name, name, ""});
  }
  plan.rollout.order = WorkerOrder::Inventory;
  if (set) set(plan.rollout);
  return plan;
}

/// A run that a test takes by the hand.
class Walk {
 public:
  explicit Walk(const Plan& plan, const Progress& before = {}) : state(plan, before) {}

  /// Starts all that may, and gives the workers whose turns were begun by that.
  Names start() {
    Names begun;
    while (const Step* step = state.next(moment)) {
      state.start(step->id);
      running.push_back(step);
      if (step->kind == StepKind::Cordon && state.is_worker(step->node))
        begun.push_back(step->node);
    }
    return begun;
  }
  /// Ends everything that runs on `node`, and starts nothing.
  void end(const std::string& node, Outcome outcome = Outcome::Succeeded) {
    for (size_t i = 0; i < running.size();) {
      if (running[i]->node != node) {
        ++i;
        continue;
      }
      const Step* step = running[i];
      running.erase(running.begin() + static_cast<std::ptrdiff_t>(i));
      state.end(step->id, outcome, moment);
    }
  }
  /// Takes a node to its end, and starts nothing else meanwhile.
  void finish(const std::string& node) {
    while (state.open_nodes().contains(node)) {
      end(node);
      if (state.open_nodes().contains(node)) step_on(node);
    }
  }
  void step_on(const std::string& node) {
    const Step* step = state.next(moment);
    REQUIRE(step != nullptr);
    REQUIRE(step->node == node);
    state.start(step->id);
    running.push_back(step);
  }
  /// Ends and starts all but workers' turns, until the workers' time has come.
  Names up_to_workers() {
    Names begun = start();
    while (begun.empty() && !running.empty()) {
      end(running.front()->node);
      begun = start();
    }
    return begun;
  }
  void block_drain(const std::string& node) {
    end(node);
    step_on(node);
    REQUIRE(running.back()->kind == StepKind::Drain);
    const std::string id = running.back()->id;
    running.pop_back();
    state.put_off(id);
    state.start_out_of_turn();
  }

  PlanState state;
  Moment moment;
  std::vector<const Step*> running;
};

}  // namespace drover::plans
