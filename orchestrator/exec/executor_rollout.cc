#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/exec/executor.h"

/// The executor's dealings with the roll-out: what holds it up, who is put off, who is given back.
namespace drover::orchestrator {

using plans::Hold;
using plans::Pause;
using plans::Step;
using plans::StepKind;
using std::chrono::seconds;
using std::chrono::sys_seconds;

plans::Moment Executor::moment() {
  plans::Moment moment{.now = clock_.now().time_since_epoch(),
                       .nodes_seen = nodes_seen_ || !around_.watches_nodes};
  if (!plan_.rollout.window) return moment;
  const auto now = std::chrono::floor<seconds>(clock_.wall());
  // Minutes are tried one by one to find the next change: once is enough until it comes.
  const bool holds =
      opening_known_ && now >= opening_from_ && (!opening_.changes || now < *opening_.changes);
  if (!holds) {
    opening_ = plans::opening_at(*plan_.rollout.window, around_.zone, now);
    opening_from_ = now;
    opening_known_ = true;
  }
  if (!opening_.open) {
    moment.window_left = seconds(0);
  } else if (opening_.changes) {
    moment.window_left = *opening_.changes - now;
  }
  return moment;
}

/// Nothing runs: is there something that only time, or somebody, will bring?
bool Executor::waits() {
  if (stopping()) {
    if (asked_ && around_.question != nullptr) around_.question->withdraw();
    return false;
  }
  return waits_for(state_.hold(moment()));
}

bool Executor::waits_for(const Hold& hold) {
  switch (hold.kind) {
    case Hold::Kind::None:
      return false;
    case Hold::Kind::Rest:
      announce(fmt::format("{} between nodes (pause.between_nodes)",
                           format_duration(plan_.rollout.pause.between_nodes)));
      return true;
    case Hold::Kind::Window:
      window_closed_ = true;
      return stop_here(closed_text());
    case Hold::Kind::Pause:
      return waits_for_person(hold.pause);
    case Hold::Kind::Unseen:
      return waits_at_most(seconds(120), "the nodes to be looked at");
    case Hold::Kind::Down:
      return waits_at_most(
          plan_.rollout.patience,
          fmt::format("{} to be Ready again: without them more workers would be down than "
                      "max_unavailable allows",
                      join(state_.workers().down_by_themselves(), ", ")));
  }
  return false;
}

bool Executor::waits_for_person(Pause pause) {
  if (asked_ == pause) return true;
  stopped_at_ = plans::pause_name(pause);
  const std::string reason = fmt::format("pause.{} wants a person's word", stopped_at_);
  if (around_.question == nullptr || !around_.question->ask(pause)) {
    return stop_here(reason + ", and there is no terminal to ask on");
  }
  asked_ = pause;
  announce(reason);
  return true;
}

bool Executor::waits_at_most(seconds patience, const std::string& what) {
  const remote::Instant now = clock_.now();
  if (!idle_since_) idle_since_ = now;
  if (now - *idle_since_ >= patience) {
    return stop_here(
        fmt::format("not done after {}: waiting for {}", format_duration(patience), what));
  }
  announce(fmt::format("waiting up to {} for {}", format_duration(patience), what));
  return true;
}

void Executor::announce(const std::string& reason) {
  if (announced_ == reason) return;
  announced_ = reason;
  events_.emit(RunPaused{reason});
}

bool Executor::stop_here(std::string reason) {
  stopped_by_ = std::move(reason);
  return false;
}

std::string Executor::closed_text() const {
  const auto& window = *plan_.rollout.window;
  const std::string at =
      opening_.changes ? plans::local_text(around_.zone, *opening_.changes) + " " + window.timezone
                       : "never";
  if (!opening_.open) {
    return fmt::format("the maintenance window ({}) is closed; it opens {}", window.str(), at);
  }
  return fmt::format("the maintenance window ({}) closes {}, before what is left could be done",
                     window.str(), at);
}

void Executor::take(NodesSeen& seen) {
  nodes_seen_ = true;
  state_.see_down(seen.down);
  std::vector<std::string> down = state_.workers().down_by_themselves();
  for (const std::string& host : down) {
    if (std::binary_search(down_told_.begin(), down_told_.end(), host)) continue;
    events_.emit(
        Warning{"node-down",
                fmt::format("{} is not Ready: it counts as one of the {} worker{} that "
                            "may be down at once",
                            host, plan_.rollout.budget, plan_.rollout.budget == 1 ? "" : "s")});
  }
  down_told_ = std::move(down);
}

void Executor::take(PauseAnswered& answered) {
  if (asked_ != answered.pause) return;
  asked_.reset();
  if (stopping()) return;
  const std::string name(plans::pause_name(answered.pause));
  if (!answered.go_on) {
    stop_here(fmt::format("pause.{}: not to go on yet", name));
    return;
  }
  if (!record({.type = "pause-ended", .fields = {{"pause", name}}})) return;
  stopped_at_.clear();
  announced_.clear();
  state_.end_pause(answered.pause);
}

/// True when it is dealt with: a worker's drain whose time was up, and nothing else was changed
/// there.
bool Executor::put_off(const Step& step, const StepResult& result) {
  const bool blocked = step.kind == StepKind::Drain && result.status == StepStatus::Failed &&
                       !result.blocked_by.empty();
  if (!blocked || !state_.is_worker(step.node) || stopping() || state_.halted()) return false;
  const std::string why = join(result.blocked_by, "; ");
  if (plan_.rollout.on_blocked == OnBlocked::Wait) {
    events_.emit(Warning{"drain-blocked", fmt::format("{} is still not drained, and is waited for "
                                                      "(workers.on_blocked: wait): {}",
                                                      step.node, sanitise(why, 1000))});
    begin(step);
    return true;
  }
  if (plan_.rollout.on_blocked != OnBlocked::Defer || history_.changed.contains(step.node)) {
    return false;
  }
  const int attempt = history_.attempts[step.id];
  if (!record({.type = "step-deferred",
               .step = step.id,
               .attempt = attempt,
               .fields = {{"blocked_by", why}}})) {
    return false;
  }
  blocked_by_[step.node] = why;
  state_.put_off(step.id);
  const bool comes_again = !state_.left_over().contains(step.node);
  events_.emit(StepDeferred{ref(step.id), attempt, result.blocked_by, comes_again});
  give_back(*uncordons_.at(step.node));
  return true;
}

void Executor::give_back(const Step& uncordon) {
  state_.start_out_of_turn();
  giving_back_.insert(uncordon.node);
  begin(uncordon);
}

/// A node that this run took out of service and on which it changed nothing is not left so when the
/// run stops for good or for long (S10). Its uncordon step says how.
void Executor::give_back() {
  const bool for_long = failed_ || cancelled_ || window_closed_;
  if (!for_long || interrupted_ || lock_lost_ || journal_broken_) return;
  for (const std::string& node : std::set(state_.open_nodes())) {
    if (!may_be_given_back(node)) continue;
    events_.emit(
        Warning{"given-back", fmt::format("nothing was changed on {}: it is given back", node)});
    give_back(*uncordons_.at(node));
  }
}

bool Executor::may_be_given_back(const std::string& node) const {
  return uncordons_.contains(node) && !history_.changed.contains(node);
}

/// Nobody looks after what is left of a run that is over: one that could not give back what it had
/// to stays open, so that it can be tried again (S10).
bool Executor::all_given_back() const {
  const auto& open = state_.open_nodes();
  return !marks_left_ && std::none_of(open.begin(), open.end(), [this](const std::string& node) {
    return may_be_given_back(node);
  });
}

void Executor::end_giving_back(const Step& step, StepStatus status) {
  giving_back_.erase(step.node);
  const bool good = status == StepStatus::Succeeded || status == StepStatus::Skipped;
  state_.end_giving_back(
      step.node, good ? plans::PlanState::Outcome::Succeeded : plans::PlanState::Outcome::Failed);
  failed_ = failed_ || (!good && !interrupted_);
}

}  // namespace drover::orchestrator
