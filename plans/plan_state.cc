#include "plans/plan_state.h"

#include <algorithm>

#include "plans/rollout/turns.h"

namespace drover::plans {

std::string_view pause_name(Pause pause) {
  return pause == Pause::AfterControlPlane ? "after_control_plane" : "after_canary";
}

PlanState::PlanState(const Plan& plan, const Progress& before)
    : plan_(plan),
      window_(plan.rollout),
      estimates_(turn_estimates(plan.steps)),
      kept_(before.kept),
      begun_(before.changed),
      changed_(before.changed) {
  for (const std::string& host : control_planes_of(plan)) control_planes_.insert(host);
  const auto order = worker_order(plan);
  for (size_t i = 0; i < order.size(); ++i) window_.add(order[i], i);
  for (const std::string& node : before.windows) {
    open_.insert(node);
    if (is_worker(node)) window_.take(node);
  }
  for (const std::string& node : before.deferred) {
    deferred_.insert(node);
    window_.put_last(node);
  }
  for (const Pause pause : kPauses) {
    if (before.pauses.contains(std::string(pause_name(pause)))) end_pause(pause);
  }
  entries_.reserve(plan.steps.size());
  for (const Step& step : plan.steps) {
    const size_t index = entries_.size();
    index_[step.id] = index;
    entries_.push_back({.step = &step, .missing = step.needs.size()});
    for (const std::string& need : step.needs) {
      entries_[index_of(need)].dependents.push_back(index);
    }
    if (step.kind == StepKind::Cordon || step.kind == StepKind::Drain) {
      window_steps_[step.node].push_back(index);
    }
  }
  for (size_t i = 0; i < entries_.size(); ++i) {
    if (entries_[i].step->needs.empty()) become_ready(i);
  }
}

size_t PlanState::index_of(std::string_view id) const { return index_.at(id); }

const Step& PlanState::step(std::string_view id) const { return *entries_[index_of(id)].step; }

void PlanState::become_ready(size_t index) {
  const Step& step = *entries_[index].step;
  if (kept_.contains(step.id)) {
    succeed(index, {});
  } else if (step.kind == StepKind::Cordon && is_worker(step.node) && !open_.contains(step.node)) {
    window_.want(step.node);
  } else {
    ready_.insert(index);
  }
}

void PlanState::succeed(size_t index, const Moment& moment) {
  Entry& entry = entries_[index];
  entry.state = State::Succeeded;
  ++done_;
  if (entry.step->kind == StepKind::Settled) settle(entry.step->node, moment);
  for (const size_t dependent : entry.dependents) {
    if (--entries_[dependent].missing == 0) become_ready(dependent);
  }
}

void PlanState::settle(const std::string& node, const Moment& moment) {
  open_.erase(node);
  if (!is_worker(node)) return;
  window_.settle();
  if (plan_.rollout.pause.between_nodes.count() > 0 && window_.holds(node)) {
    resting_.emplace(moment.now + plan_.rollout.pause.between_nodes, node);
  } else {
    window_.release(node);
  }
}

bool PlanState::halted() const {
  return beyond_repair_ || static_cast<int>(failed_workers_.size()) > plan_.rollout.max_failed;
}

bool PlanState::fits(const std::string& node, const Moment& moment) const {
  return !moment.window_left || estimates_.at(node) <= *moment.window_left;
}

/// The first step that disturbs its node, or the first again on one that was only emptied before.
bool PlanState::begins_turn(const Step& step) const {
  if (step.node.empty() || is_staging(step)) return false;
  if (!is_worker(step.node)) return !begun_.contains(step.node);
  return step.kind == StepKind::Cordon && !changed_.contains(step.node);
}

bool PlanState::may_go_on(const Step& step, const Moment& moment) const {
  if (halted() && !open_.contains(step.node)) return false;
  return !begins_turn(step) || fits(step.node, moment);
}

bool PlanState::may_drain(const Step& step) const {
  const int most = plan_.rollout.drains_at_once;
  return step.kind != StepKind::Drain || most == 0 || drains_ < most;
}

std::optional<Pause> PlanState::pause_due() const {
  const auto due = [&](Pause pause, bool asked, bool reached) {
    return asked && reached && !pauses_ended_.contains(pause);
  };
  const PausePolicy& policy = plan_.rollout.pause;
  if (due(Pause::AfterControlPlane, policy.after_control_plane, !control_planes_.empty())) {
    return Pause::AfterControlPlane;
  }
  if (due(Pause::AfterCanary, policy.after_canary, window_.canaries_done())) {
    return Pause::AfterCanary;
  }
  return std::nullopt;
}

/// Nobody is in its turn but those who have failed, and whose turns do not end.
bool PlanState::all_others_done() const {
  return std::all_of(open_.begin(), open_.end(),
                     [&](const std::string& node) { return failed_workers_.contains(node); });
}

const Step* PlanState::next_worker(const Moment& moment) const {
  if (halted() || !moment.nodes_seen || pause_due()) return nullptr;
  // Drains that were put off may have waited for the cordons of each other: together they would do
  // so again.
  const bool again = all_others_done();
  const std::string& host = window_.next([&](const std::string& node) {
    return fits(node, moment) && (again || !deferred_.contains(node));
  });
  return host.empty() ? nullptr : entries_[window_steps_.at(host).front()].step;
}

const Step* PlanState::next(const Moment& moment) {
  while (!resting_.empty() && resting_.begin()->first <= moment.now) {
    window_.release(resting_.begin()->second);
    resting_.erase(resting_.begin());
  }
  for (const size_t index : ready_) {
    const Step& step = *entries_[index].step;
    if (may_go_on(step, moment) && may_drain(step)) return &step;
  }
  return next_worker(moment);
}

std::optional<Hold> PlanState::worker_hold(const Moment& moment) const {
  if (!window_.anybody_wants()) return std::nullopt;
  if (const auto pause = pause_due()) return Hold{.kind = Hold::Kind::Pause, .pause = *pause};
  if (!moment.nodes_seen) return Hold{.kind = Hold::Kind::Unseen};
  const auto anybody = [](const std::string&) { return true; };
  if (!window_.next(anybody).empty()) return Hold{.kind = Hold::Kind::Window};
  if (!resting_.empty()) return Hold{.kind = Hold::Kind::Rest, .until = resting_.begin()->first};
  if (window_.waits_for_others()) return Hold{.kind = Hold::Kind::Down};
  return std::nullopt;
}

Hold PlanState::hold(const Moment& moment) const {
  if (halted()) return {};
  // What is ready and does not start begins a turn for which the window has no room.
  if (!ready_.empty()) return {.kind = Hold::Kind::Window};
  return worker_hold(moment).value_or(Hold{});
}

void PlanState::start(std::string_view id) {
  const size_t index = index_of(id);
  Entry& entry = entries_[index];
  const Step& step = *entry.step;
  ready_.erase(index);
  entry.state = State::Running;
  ++running_;
  if (step.kind == StepKind::Drain) ++drains_;
  if (!is_staging(step)) begun_.insert(step.node);
  if (step.kind != StepKind::Cordon) return;
  open_.insert(step.node);
  if (is_worker(step.node)) window_.take(step.node);
}

void PlanState::stop_running(const Step& step) {
  --running_;
  if (step.kind == StepKind::Drain) --drains_;
}

void PlanState::end(std::string_view id, Outcome outcome, const Moment& moment) {
  const size_t index = index_of(id);
  const Step& step = *entries_[index].step;
  stop_running(step);
  if (outcome == Outcome::Succeeded) return succeed(index, moment);
  entries_[index].state = State::Failed;
  ++failed_;
  const bool worker = !step.node.empty() && is_worker(step.node);
  if (worker) failed_workers_.insert(step.node);
  // What a canary is for is to stop the others.
  beyond_repair_ = beyond_repair_ || !worker || window_.canaries_left();
}

void PlanState::unready(size_t index) {
  Entry& entry = entries_[index];
  if (entry.state == State::Succeeded) {
    --done_;
    for (const size_t dependent : entry.dependents) {
      if (entries_[dependent].missing++ == 0) ready_.erase(dependent);
    }
  }
  entry.state = State::Waiting;
}

void PlanState::put_off(std::string_view id) {
  const std::string& node = step(id).node;
  stop_running(step(id));
  for (const size_t index : window_steps_.at(node)) unready(index);
  begun_.erase(node);
  if (deferred_.insert(node).second) {
    put_off_.insert(node);
  } else {
    left_over_.insert(node);
  }
}

void PlanState::end_giving_back(const std::string& node, Outcome outcome) {
  end_out_of_turn();
  const bool comes_again = put_off_.erase(node) > 0;
  if (outcome == Outcome::Failed) {
    ++failed_;
    failed_workers_.insert(node);
    return;
  }
  open_.erase(node);
  if (!is_worker(node)) return;
  window_.release(node);
  if (!comes_again) return;
  window_.put_last(node);
  window_.want(node);
}

std::vector<std::string> PlanState::left() const {
  std::vector<std::string> ids;
  for (const Entry& entry : entries_) {
    if (entry.state != State::Succeeded) ids.push_back(entry.step->id);
  }
  return ids;
}

}  // namespace drover::plans
