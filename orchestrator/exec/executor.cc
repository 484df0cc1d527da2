#include "orchestrator/exec/executor.h"

#include <fmt/format.h>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

constexpr int kSlots = 1;  // workers.max_unavailable is checked; one slot is used in this version

plans::PlanState::Outcome outcome_of(StepStatus status) {
  const bool good = status == StepStatus::Succeeded || status == StepStatus::Skipped;
  return good ? plans::PlanState::Outcome::Succeeded : plans::PlanState::Outcome::Failed;
}

}  // namespace

Executor::Executor(const plans::Plan& plan, std::string run, Journal& journal, EventLog& events,
                   StepRunner& runner, Mailbox& mailbox)
    : plan_(plan),
      run_(std::move(run)),
      journal_(journal),
      events_(events),
      runner_(runner),
      mailbox_(mailbox),
      state_(plan, kSlots) {}

RunEnd Executor::run() {
  launch();
  while (state_.running()) {
    std::optional<Message> message = mailbox_.take(std::chrono::seconds(1));
    events_.tick();
    if (!message) continue;
    std::visit([this](auto& content) { take(content); }, *message);
    launch();
  }
  return finish();
}

void Executor::launch() {
  if (stopping()) return;
  for (const plans::Step* step : state_.ready()) begin(*step, 1);
}

void Executor::begin(const plans::Step& step, int number) {
  if (!record({.type = "step-begun", .step = step.id, .attempt = number})) return;
  if (number == 1) state_.start(step.id);
  attempts_[step.id] = number;
  events_.emit(StepStarted{ref(step.id), number});
  plans::Attempt attempt;
  attempt.run = run_;
  attempt.earlier = notes_;
  runner_.start(step, number, std::move(attempt));
}

void Executor::take(AskPermit& ask) {
  if (auto error = no_more_effects()) return ask.answer.set_value(std::move(*error));
  if (lease_fresh_) return grant(ask);
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
    return Error{.kind = ErrorKind::Locked,
                 .message = "another run holds the cluster's lock: nothing more is begun"};
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
  events_.emit(StepProgress{ref(waiting.step), attempts_[waiting.step], waiting.what});
}

void Executor::take(Noticed& noticed) {
  if (noticed.notice.code == "drain_changed") {
    events_.emit(DrainChanged{ref(noticed.step), noticed.notice.pods, noticed.notice.message});
    return;
  }
  events_.emit(Warning{noticed.notice.code, noticed.notice.message});
}

bool Executor::try_again(const plans::Step& step, const StepResult& result) {
  const int number = attempts_[step.id];
  if (!result.again || number >= kMaxAttempts || stopping()) return false;
  begin(step, number + 1);
  return !journal_broken_;
}

void Executor::take(StepEnded& ended) {
  const plans::Step& step = *plan_.find(ended.step);
  StepResult& result = ended.result;
  const int number = attempts_[step.id];
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
  if (try_again(step, result)) return;
  notes_[step.id] = std::move(result.notes);
  const auto outcome = outcome_of(result.status);
  state_.end(step.id, outcome);
  failed_ = failed_ || (outcome == plans::PlanState::Outcome::Failed && !interrupted_);
}

void Executor::take(LeaseRenewed&) {
  lease_fresh_ = true;
  if (stopping()) return refuse_parked();
  std::vector<AskPermit> parked = std::move(parked_);
  parked_.clear();
  for (AskPermit& ask : parked) grant(ask);
}

void Executor::take(LeaseFailed& failed) {
  lease_fresh_ = false;
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
  events_.emit(
      Warning{"lock-lost", fmt::format("the lock kube-system/drover is now held by {}: "
                                       "the running steps are finished, nothing is started",
                                       sanitise(lost.holder))});
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
  const plans::Step& step = *plan_.find(id);
  return {id, std::string(plans::kind_of(step.kind).name), step.node};
}

RunEnd Executor::finish() {
  RunEnd end;
  if (state_.complete()) {
    end = {RunStatus::Succeeded, 0};
  } else if (interrupted_) {
    end = {RunStatus::Interrupted, 130};
  } else {
    end = {RunStatus::Failed, 5};
  }
  record({.type = "run-ended",
          .fields = {{"status", std::string(status_name(end.status))},
                     {"exit_code", std::to_string(end.exit_code)}}});
  events_.emit(RunFinished{end.status, end.exit_code, state_.left(), next_step(end)});
  return end;
}

std::string Executor::next_step(const RunEnd& end) const {
  if (end.status == RunStatus::Succeeded) return "";
  std::string text;
  for (const std::string& node : state_.open_nodes()) {
    text += fmt::format("{} was left cordoned as it is. ", node);
  }
  if (failed_) text += "Remove the cause; ";
  return text + "`drover plan` shows what is left to do.";
}

}  // namespace drover::orchestrator
