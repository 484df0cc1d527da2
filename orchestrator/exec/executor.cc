#include "orchestrator/exec/executor.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/etcd/restore_plan.h"

namespace drover::orchestrator {
namespace {

plans::PlanState::Outcome outcome_of(StepStatus status) {
  const bool good = status == StepStatus::Succeeded || status == StepStatus::Skipped;
  return good ? plans::PlanState::Outcome::Succeeded : plans::PlanState::Outcome::Failed;
}

/// What earlier processes left, for the decisions. What looking showed to be so no longer is out.
plans::Progress progress_of(const History& history) {
  return {.kept = history.kept,
          .windows = history.windows,
          .changed = history.changed,
          .deferred = history.deferred,
          .pauses = history.pauses};
}

}  // namespace

Executor::Executor(const plans::Plan& plan, RunName run, History history, Journal& journal,
                   EventLog& events, StepRunner& runner, Mailbox& mailbox, RunSurroundings around)
    : plan_(plan),
      run_(std::move(run)),
      history_(std::move(history)),
      journal_(journal),
      events_(events),
      runner_(runner),
      mailbox_(mailbox),
      around_(std::move(around)),
      clock_(around_.clock == nullptr ? system_clock_ : *around_.clock),
      state_(plan, progress_of(history_)) {
  for (const plans::Step& step : plan.steps) {
    if (step.kind == plans::StepKind::Uncordon) uncordons_[step.node] = &step;
  }
}

RunEnd Executor::run() {
  mark_waiting();
  launch();
  work();
  give_back();
  work();
  unmark_waiting();
  work();
  return finish();
}

RunEnd Executor::cancel() {
  cancelled_ = true;
  give_back();
  work();
  unmark_waiting();
  work();
  return finish();
}

void Executor::work() {
  while (state_.running() || waits()) {
    std::optional<Message> message = mailbox_.take(std::chrono::seconds(1));
    events_.tick();
    if (message) std::visit([this](auto& content) { take(content); }, *message);
    launch();
  }
}

void Executor::launch() {
  if (stopping()) return;
  while (const plans::Step* step = state_.next(moment())) {
    state_.start(step->id);
    begin(*step);
    idle_since_.reset();
    if (journal_broken_) return;
  }
}

void Executor::begin(const plans::Step& step, plans::Notes notes) {
  const int number = ++history_.attempts[step.id];
  ++tries_[step.id];
  if (!record({.type = "step-begun", .step = step.id, .attempt = number})) {
    return state_.end(step.id, plans::PlanState::Outcome::Failed);
  }
  if (changes_node(step)) history_.changed.insert(step.node);
  events_.emit(StepStarted{ref(step.id), number});
  StepStart start{.number = number};
  start.attempt.run = run_.id;
  start.attempt.earlier = notes_for(step, history_.notes);
  start.attempt.notes = std::move(notes);
  if (const auto open = history_.open.extract(step.id)) start.open = open.mapped();
  start.again = history_.again.contains(step.id);
  runner_.start(step, std::move(start));
}

void Executor::take(AskPermit& ask) {
  if (auto error = no_more_effects()) return ask.answer.set_value(std::move(*error));
  if (lease_.fresh(clock_.boot())) return grant(ask);
  events_.emit(
      StepProgress{ref(ask.step), ask.attempt, "the lock kube-system/drover to be renewed"});
  parked_.push_back(std::move(ask));
}

void Executor::grant(AskPermit& ask) {
  const bool durable = record({.type = "effect-intent",
                               .step = ask.step,
                               .attempt = ask.attempt,
                               .fields = std::move(ask.fields)});
  ask.answer.set_value(durable ? Status{} : Status(*no_more_effects()));
}

std::optional<Error> Executor::no_more_effects() const {
  if (journal_broken_) {
    return Error{.kind = ErrorKind::State,
                 .message = "the journal cannot be written: nothing more is begun",
                 .remedy = "make room in the state folder"};
  }
  if (lock_lost_) {
    return Error{
        .kind = ErrorKind::Locked,
        .message = fmt::format("the lock kube-system/drover {}: nothing more is begun", lost_how_)};
  }
  if (interrupted_)
    return Error{.kind = ErrorKind::Cancelled, .message = "stopped by the operator"};
  return std::nullopt;
}

void Executor::refuse_parked() {
  for (AskPermit& ask : parked_) ask.answer.set_value(*no_more_effects());
  parked_.clear();
}

void Executor::take(EffectEnded& ended) {
  record({.type = "effect-outcome",
          .step = ended.step,
          .attempt = ended.attempt,
          .fields = std::move(ended.fields)});
}

void Executor::take(Waiting& waiting) {
  events_.emit(StepProgress{ref(waiting.step), history_.attempts[waiting.step], waiting.what});
}

void Executor::take(Noticed& noticed) {
  if (noticed.notice.code == "drain_changed") {
    events_.emit(DrainChanged{ref(noticed.step), noticed.notice.pods, noticed.notice.message});
    return;
  }
  events_.emit(Warning{noticed.notice.code, noticed.notice.message});
}

bool Executor::try_again(const plans::Step& step, const StepResult& result) {
  if (!result.again || tries_[step.id] >= kMaxAttempts || stopping()) return false;
  begin(step);  // or ends it, where the journal cannot be written
  return true;
}

void Executor::record_end(const plans::Step& step, int number, const StepResult& result) {
  Record end{
      .type = "step-ended",
      .step = step.id,
      .attempt = number,
      .fields = {{"status", std::string(status_name(result.status))},
                 {"message", result.error.message.empty() ? result.message : result.error.message},
                 {"duration_s", fmt::format("{:.3f}", result.duration_s)}}};
  for (const auto& [name, value] : result.notes) end.fields["note." + name] = value;
  record(std::move(end));
  events_.emit(StepFinished{ref(step.id), number, result.status, result.duration_s, result.message,
                            result.error});
}

void Executor::take(StepEnded& ended) {
  const plans::Step& step = state_.step(ended.step);
  StepResult& result = ended.result;
  const bool marking = is_marking(step, result);
  record_end(step, history_.attempts[step.id], result);
  if (marking) return end_marking();
  if (try_again(step, result)) return;
  history_.notes[step.id] = std::move(result.notes);
  if (result.would_change) would_change_.push_back(step.id);
  if (giving_back_.contains(step.node)) return end_giving_back(step, result.status);
  if (put_off(step, result)) return;
  const auto outcome = outcome_of(result.status);
  state_.end(step.id, outcome, moment());
  failed_ = failed_ || (outcome == plans::PlanState::Outcome::Failed && !interrupted_);
}

void Executor::take(LeaseRenewed& renewed) {
  lease_.renewed(renewed.at);
  if (no_more_effects()) return refuse_parked();
  if (!lease_.fresh(clock_.boot())) return;  // the machine slept since: the next one tells
  std::vector<AskPermit> parked = std::move(parked_);
  parked_.clear();
  for (AskPermit& ask : parked) grant(ask);
}

void Executor::take(LeaseFailed& failed) {
  lease_.failed();
  std::vector<AskPermit> waiting;
  for (AskPermit& ask : parked_) {
    if (ask.deadline > failed.at) {
      waiting.push_back(std::move(ask));
      continue;
    }
    ask.answer.set_value(
        Error{.kind = ErrorKind::Timeout,
              .message =
                  fmt::format("the lock kube-system/drover could not be renewed: {}", failed.why)});
  }
  parked_ = std::move(waiting);
}

void Executor::take(LeaseLost& lost) {
  if (lock_lost_) return;
  lock_lost_ = true;
  lost_how_ = sanitise(lost.how);
  events_.emit(Warning{"lock-lost", fmt::format("the lock kube-system/drover {}: the running steps "
                                                "are finished, nothing is started",
                                                lost_how_)});
  refuse_parked();
}

void Executor::take(Interrupt&) {
  interrupted_ = true;
  events_.emit(Warning{"interrupted",
                       "stopping: commands on nodes are awaited, nothing is started; press Ctrl-C "
                       "again to leave at once"});
  runner_.stop_waiting();
  refuse_parked();
}

void Executor::take(PauseRun&) {
  if (stopping()) return;
  paused_ = true;
  events_.emit(Warning{"paused", "pausing: the running steps are finished, nothing is started"});
}

void Executor::take(CancelRun&) {
  if (cancelled_) return;
  cancelled_ = true;
  events_.emit(Warning{"cancelled",
                       "ending the run: the running steps are finished, then nodes on "
                       "which nothing was changed are given back"});
}

bool Executor::record(Record record) {
  if (journal_broken_) return false;
  if (Status written = journal_.append(std::move(record)); !written) {
    journal_broken_ = true;
    events_.emit(Warning{"journal", written.error().message});
    refuse_parked();
  }
  return !journal_broken_;
}

StepRef Executor::ref(const std::string& id) const {
  const plans::Step& step = state_.step(id);
  return {id, std::string(plans::kind_of(step.kind).name), step.node};
}

RunEnd Executor::how_it_ended() const {
  if (state_.complete()) return {RunStatus::Succeeded, 0, "succeeded"};
  if (interrupted_) return {RunStatus::Interrupted, 130, "interrupted"};
  if (lock_lost_ || journal_broken_) return {RunStatus::Failed, 5, "failed"};
  if (cancelled_ && all_given_back()) return {RunStatus::Interrupted, 5, "cancelled"};
  if (cancelled_) return {RunStatus::Failed, 5, "failed"};
  const bool by_order = paused_ || !stopped_by_.empty();
  if (by_order && !state_.halted()) return {RunStatus::Interrupted, 5, "paused"};
  return {RunStatus::Failed, 5, "failed"};
}

RunEnd Executor::finish() {
  RunEnd end = how_it_ended();
  Record ended{.type = "run-ended",
               .fields = {{"status", end.how}, {"exit_code", std::to_string(end.exit_code)}}};
  const std::string reason = stopped_by_.empty() ? "asked for by `drover pause`" : stopped_by_;
  if (end.how == "paused") {
    ended.fields["reason"] = reason;
    if (!stopped_by_.empty() && !stopped_at_.empty()) ended.fields["pause"] = stopped_at_;
  }
  if (around_.before_end) around_.before_end();
  record(std::move(ended));
  if (end.how == "paused") events_.emit(RunPaused{reason});
  end.left = state_.left();
  end.left.insert(end.left.end(), would_change_.begin(), would_change_.end());
  end.message = next_step(end);
  return end;
}

/// Its cordon is taken away, or left to whom it belongs.
bool Executor::had_its_turn(const std::string& node, const std::vector<std::string>& left) const {
  const auto uncordon = uncordons_.find(node);
  return uncordon != uncordons_.end() &&
         std::find(left.begin(), left.end(), uncordon->second->id) == left.end();
}

std::string Executor::next_step(const RunEnd& end) const {
  if (end.status == RunStatus::Succeeded) return "";
  std::string text;
  for (const std::string& node : state_.left_over()) {
    text += fmt::format("{} was put off and is not upgraded: its drain waits for {}. ", node,
                        sanitise(blocked_by_.at(node), 1000));
  }
  for (const std::string& node : state_.open_nodes()) {
    text += had_its_turn(node, end.left) ? fmt::format("{} has not settled. ", node)
                                         : fmt::format("{} was left cordoned as it is. ", node);
  }
  if (end.how == "cancelled" && !history_.changed.empty()) {
    text += plans::left_standing_still(plan_, end.left);
  }
  if (end.how == "cancelled") {
    return text + (plan_.work.empty() ? "The run is over; `drover apply` makes a new plan."
                                      : "The run is over.");
  }
  if (lock_lost_) text += fmt::format("The lock kube-system/drover {}. ", lost_how_);
  if (failed_ || !state_.left_over().empty()) text += "Remove the cause; ";
  if (cancelled_)
    return text + fmt::format("`drover cancel {}` tries again to end the run.", run_.id);
  return text + fmt::format("`{}` goes on.", run_.resume_line);
}

}  // namespace drover::orchestrator
