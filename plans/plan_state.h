#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plans/plan.h"

namespace drover::plans {

/// How far a run is: which steps may start now (S1, S6). Pure; no time, no effects.
class PlanState {
 public:
  enum class Outcome { Succeeded, Failed };

  /// `plan` must outlive it. `slots`: workers that may be in their disruption window at once.
  PlanState(const Plan& plan, int slots);

  /// Steps that may start now, in the plan's order. After a failure only chains already inside
  /// their disruption window go on, so that nobody else is left half done.
  std::vector<const Step*> ready() const;

  void start(std::string_view id);
  /// The step was done before: it counts at once, and takes no slot. False while one that it needs
  /// does not count yet (S1), and when it counted already.
  bool pass(const Step& step);
  /// The node's window is open from before: it holds its slot until it has settled.
  void hold_window(const std::string& node) { open_.insert(node); }
  void end(std::string_view id, Outcome outcome);

  bool running() const { return !running_.empty(); }
  bool failed() const { return !failed_.empty(); }
  /// Every step has succeeded.
  bool complete() const { return succeeded_.size() == plan_.steps.size(); }
  size_t done() const { return succeeded_.size(); }
  /// Ids of steps that have not succeeded, in the plan's order.
  std::vector<std::string> left() const;
  /// Nodes whose disruption window is open: cordoned or later, and not settled.
  const std::set<std::string>& open_nodes() const { return open_; }

 private:
  bool needs_met(const Step& step) const;
  bool may_start(const Step& step) const;
  bool is_worker(const std::string& node) const;
  int slots_taken() const;

  const Plan& plan_;
  int slots_;
  std::set<std::string, std::less<>> running_, succeeded_, failed_;
  std::set<std::string> open_;  ///< nodes between the start of cordon and the end of settled
  std::set<std::string> control_planes_;
};

}  // namespace drover::plans
