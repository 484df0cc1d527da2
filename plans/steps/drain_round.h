#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "plans/budget_index.h"
#include "plans/steps/drain_look.h"
#include "plans/steps/drain_turn.h"

namespace drover::plans {

/// One pod that is to go, and its turn.
struct Leaving {
  const Pod* pod = nullptr;
  DrainTurn turn;
  const Sent* sent = nullptr;  ///< its newest eviction in this attempt
  const PodDisruptionBudget* budget =
      nullptr;  ///< that covers it, as far as budgets were asked for
};

using LeavingPods = std::vector<Leaving>;

/// One look at a node that is drained: what is to be sent, what is waited for. Refers to all that
/// it is given.
class DrainRound {
 public:
  DrainRound(const Step& step, const Attempt& attempt, const DrainSight& sight,
             const DrainSelection& selection);
  Decision decide();

 private:
  using Kind = DrainTurn::Kind;

  bool belongs(const Pod& pod, bool sent);
  void use_budget_room();
  void keep_serving();
  void judge_last(const std::string& key, std::vector<Leaving*>& pods);
  void hold(Leaving& last);
  Decision next() const;
  Send evictions() const;
  std::chrono::milliseconds pause() const;
  Error hopeless() const;
  std::string summary() const;
  bool holds(Kind kind) const { return count(kind) > 0; }
  size_t count(Kind kind) const;
  void ask(Notes& remember) const;
  void tell_returned(Decision& decision) const;
  void tell_loss(Decision& decision) const;
  void tell_changes(Decision& decision) const;

  const Step& step_;
  const Attempt& attempt_;
  const DrainSight& sight_;
  const DrainSelection& selection_;
  const BudgetIndex budgets_;
  LeavingPods leaving_;
  std::set<std::string> known_;  ///< uids of the pods that this drain is about
  Seconds first_look_;           ///< on the attempt's clock
  PodList returned_;             ///< came onto the cordoned node while it was drained, and stay
  std::map<std::string, Seconds> held_since_;  ///< uid -> since when it is kept back
  std::vector<Notice> notices_;
};

}  // namespace drover::plans
