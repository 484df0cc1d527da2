#include "orchestrator/exec/step_loop.h"

#include <fmt/format.h>

#include <algorithm>

namespace drover::orchestrator {
namespace {

constexpr const char* kWouldChange = "would_change";  // note of a step that only looked

std::string seconds_text(plans::Seconds value) { return fmt::format("{:.0f}s", value.count()); }

/// What a node that is away for a while answers with.
bool passes(const Error& error) {
  return error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
}

/// Effects that were begun and whose outcome nobody knows leave the step unknown, not failed.
StepStatus status_of(const Error& error) {
  switch (error.kind) {
    case ErrorKind::Unknown:
      return StepStatus::Unknown;
    case ErrorKind::Cancelled:
      return StepStatus::Cancelled;
    default:
      return StepStatus::Failed;
  }
}

}  // namespace

Error no_port(const std::string& what) {
  return {.kind = ErrorKind::Internal, .message = "the step has no " + what};
}

std::string capsule_id(const std::string& run, const std::string& step, int attempt, int effect) {
  std::string name = step;
  std::replace(name.begin(), name.end(), '/', '-');
  return fmt::format("{}.{}.{}.{}", run, name, attempt, effect);
}

StepLoop::StepLoop(const plans::Step& step, StepStart start, StepPorts ports, Mailbox& mailbox,
                   OutputFile output, std::stop_token stop)
    : step_(step),
      number_(start.number),
      open_(std::move(start.open)),
      again_(start.again),
      attempt_(std::move(start.attempt)),
      ports_(ports),
      mailbox_(mailbox),
      output_(std::move(output)),
      stop_(std::move(stop)),
      began_(ports.clock->now()) {}

StepResult StepLoop::run() {
  const plans::Kind& kind = plans::kind_of(step_.kind);
  std::optional<StepResult> end = resolve();
  while (!end) {
    if (stop_.stop_requested()) {
      end = cancelled();
      break;
    }
    const plans::Answers answers = ask(kind.look(step_, attempt_));
    attempt_.elapsed = elapsed();
    plans::Decision decision = kind.decide(step_, attempt_, answers);
    for (auto& [name, value] : decision.remember) attempt_.notes[name] = std::move(value);
    for (plans::Notice& notice : decision.notices) {
      mailbox_.post(Noticed{step_.id, std::move(notice)});
    }
    end = std::visit([this](const auto& next) { return act(next); }, decision.next);
  }
  end->duration_s = elapsed().count();
  end->notes = std::move(attempt_.notes);
  if (end->would_change || follows_undone_change()) end->notes[kWouldChange] = "yes";
  return std::move(*end);
}

// What is judged, or taken back, here would only come about by a change that is not made.
bool StepLoop::rests_on_undone_change() const {
  const bool judges = !step_.mutates() || step_.kind == plans::StepKind::Uncordon;
  return judges && follows_undone_change();
}

bool StepLoop::follows_undone_change() const {
  return only_looks() &&
         std::any_of(step_.needs.begin(), step_.needs.end(), [&](const std::string& need) {
           return !attempt_.note_of(need, kWouldChange).empty();
         });
}

StepResult StepLoop::would(std::string message) const {
  return {.status = StepStatus::Skipped, .message = std::move(message), .would_change = true};
}

std::optional<StepResult> StepLoop::resolve() {
  if (only_looks()) {
    if (rests_on_undone_change()) return would("not looked at: it follows changes not made here");
    return std::nullopt;
  }
  for (const OpenCommand& open : open_) {
    if (auto end = resolve(open)) return end;
  }
  return std::nullopt;
}

std::optional<StepResult> StepLoop::resolve(const OpenCommand& open) {
  if (ports_.node_writer == nullptr) return refused(no_port("right to change the node"));
  const auto state = state_of(open);
  if (!state) return refused(state.error());
  if (again_ && state->kind == CapsuleKind::Running) return end_running(open);
  const bool there = state->kind == CapsuleKind::Running || state->kind == CapsuleKind::Done;
  if (there) return follow(open);
  leave(open, state->kind);
  return std::nullopt;
}

/// It was asked for again although it still runs: it makes room, whatever it has done so far.
std::optional<StepResult> StepLoop::end_running(const OpenCommand& open) {
  say_waiting(fmt::format("the command on {} to be ended, which runs since before", step_.host));
  const auto state = ports_.node_writer->cancel(open.capsule, stop_);
  if (!state) return refused(state.error());
  if (state->kind != CapsuleKind::Running) {
    leave(open, CapsuleKind::Lost);
    return std::nullopt;
  }
  return refused({.kind = ErrorKind::Unknown,
                  .message = fmt::format("the command on {} cannot be ended", step_.host),
                  .remedy = "look at the processes of its capsule there, or restart the machine",
                  .host = step_.node});
}

/// The same for a command of this process whose outcome did not come. It was sent: a capsule that
/// is not there was taken away, and says nothing.
std::optional<StepResult> StepLoop::resolve_own(const OpenCommand& open, const Error& unknown) {
  const auto state = state_of(open);
  if (state && state->kind == CapsuleKind::Done) return follow(open);
  const bool telling =
      state && state->kind != CapsuleKind::Running && state->kind != CapsuleKind::Absent;
  if (!telling) {
    report({{"effect", open.effect}, {"error", unknown.message}});
    return stop_.stop_requested() ? cancelled() : refused(unknown);
  }
  effect_done_ = true;
  leave(open, state->kind);
  if (state->kind == CapsuleKind::Prepared) return std::nullopt;
  const bool rebooted = state->kind == CapsuleKind::Rebooted;
  mailbox_.post(Noticed{
      step_.id,
      {rebooted ? "node-restarted" : "command-killed",
       fmt::format("{}: {} within {}: what it left is looked at, and what is missing is done",
                   step_.host, rebooted ? "the machine was restarted" : "the command was killed",
                   step_.id),
       {}}});
  return std::nullopt;
}

/// Notes what became of a command that has no outcome; the step's look decides what to do.
void StepLoop::leave(const OpenCommand& open, CapsuleKind state) {
  if (state == CapsuleKind::Absent || state == CapsuleKind::Prepared) {
    // Its start may still be under way: under the same id it is started once, by whom ever (S4).
    unstarted_[open.command] = open.capsule;
  } else {
    attempt_.ran.push_back({open.command, {}});
  }
  mailbox_.post(EffectEnded{step_.id,
                            open.attempt,
                            {{"effect", open.effect},
                             {"resolved", state == CapsuleKind::Absent     ? "absent"
                                          : state == CapsuleKind::Prepared ? "prepared"
                                          : state == CapsuleKind::Lost     ? "lost"
                                                                           : "rebooted"}}});
}

/// Asks until the node answers, the step's time is up, or the operator stops it. A machine that
/// starts lets only root log in until it is up: a login that was good before may be refused then.
Result<remote::CapsuleState> StepLoop::state_of(const OpenCommand& open) {
  const bool logged_in = open.attempt == number_;
  while (true) {
    auto state = ports_.node_writer->state(open.capsule, stop_);
    if (state || time_is_up()) return state;
    const bool refused_login = state.error().kind == ErrorKind::Authentication;
    if (!passes(state.error()) && !(logged_in && refused_login)) return state;
    say_waiting(state.error().message);
    const auto pause = std::chrono::seconds(refused_login ? 5 : 1);
    if (!ports_.clock->wait_until(ports_.clock->now() + pause, stop_)) return cancelled().error;
  }
}

std::optional<StepResult> StepLoop::follow(const OpenCommand& open) {
  say_waiting(fmt::format("the command on {} to end, which runs since before", step_.host));
  auto result = ports_.node_writer->run(open.capsule, step_.commands.at(open.command), output_, {});
  if (!result) return refused(std::move(result).error());
  effect_done_ = true;
  mailbox_.post(
      EffectEnded{step_.id,
                  open.attempt,
                  {{"effect", open.effect},
                   {"exit_code", result->exit_code ? std::to_string(*result->exit_code) : ""},
                   {"resolved", "followed"}}});
  attempt_.ran.push_back({open.command, std::move(*result)});
  return std::nullopt;
}

plans::Answers StepLoop::ask(const plans::Queries& queries) {
  plans::Answers answers;
  for (const Command& command : queries.commands) {
    answers.commands.push_back(ports_.node == nullptr
                                   ? Result<CommandResult>(no_port("host to read from"))
                                   : ports_.node->read(command, stop_));
  }
  for (const ApiRequest& request : queries.requests) {
    answers.responses.push_back(ports_.api->get(request, stop_));
  }
  for (const LocalProgram& program : queries.programs) {
    answers.programs.push_back(ports_.programs == nullptr
                                   ? Result<CommandResult>(no_port("way to run programs here"))
                                   : ports_.programs->run(program, stop_));
  }
  for (const WebRequest& page : queries.pages) {
    answers.pages.push_back(ports_.web == nullptr
                                ? Result<ApiResponse>(no_port("way to ask other servers"))
                                : ports_.web->get(page, stop_));
  }
  return answers;
}

plans::Seconds StepLoop::elapsed() const { return ports_.clock->now() - began_; }

StepResult StepLoop::out_of_time() const {
  return {
      .status = StepStatus::Failed,
      .error = {.kind = ErrorKind::Timeout,
                .message = fmt::format("not done after {}{}", seconds_text(elapsed()),
                                       !late_.empty()         ? ": " + late_
                                       : waiting_for_.empty() ? ""
                                                              : ": waiting for " + waiting_for_),
                .remedy = remedy_,
                .host = step_.node},
      .blocked_by = {waiting_for_.empty() ? "its own work" : waiting_for_}};
}

StepResult StepLoop::cancelled() const {
  return {.status = StepStatus::Cancelled,
          .error = {.kind = ErrorKind::Cancelled, .message = "stopped by the operator"}};
}

StepResult StepLoop::refused(Error error) const {
  const StepStatus status = status_of(error);
  return {.status = status, .error = std::move(error)};
}

std::optional<StepResult> StepLoop::act(const plans::Done& done) {
  return StepResult{
      .status = effect_done_ || !step_.mutates() ? StepStatus::Succeeded : StepStatus::Skipped,
      .message = done.message};
}

std::optional<StepResult> StepLoop::act(const plans::Fail& fail) {
  StepResult result{.status = StepStatus::Failed, .error = fail.error, .again = fail.again};
  if (fail.error.kind == ErrorKind::Timeout) result.blocked_by = {fail.error.message};
  return result;
}

std::optional<StepResult> StepLoop::act(const plans::Wait& wait) {
  say_waiting(wait.what);
  remedy_ = wait.remedy;
  late_ = wait.late;
  if (time_is_up()) return out_of_time();
  if (!ports_.clock->wait_until(ports_.clock->now() + wait.pause, stop_)) return cancelled();
  return std::nullopt;
}

void StepLoop::say_waiting(const std::string& what) {
  if (what == waiting_for_) return;
  waiting_for_ = what;
  mailbox_.post(Waiting{step_.id, what});
}

Status StepLoop::permit(std::map<std::string, std::string> fields) {
  const auto limit = std::chrono::duration_cast<remote::Instant::duration>(step_.timeout);
  AskPermit ask{step_.id, number_, std::move(fields), began_ + limit, {}};
  std::future<Status> answer = ask.answer.get_future();
  mailbox_.post(std::move(ask));
  return answer.get();
}

void StepLoop::report(std::map<std::string, std::string> fields) {
  mailbox_.post(EffectEnded{step_.id, number_, std::move(fields)});
}

std::optional<StepResult> StepLoop::act(const plans::Run& run) {
  if (only_looks()) return would(fmt::format("would {}", step_.title));
  if (ports_.node_writer == nullptr) return refused(no_port("right to change the node"));
  if (time_is_up()) return out_of_time();
  const int effect = ++effects_;
  auto unstarted = unstarted_.extract(run.command);
  const std::string capsule = unstarted ? std::move(unstarted.mapped())
                                        : capsule_id(attempt_.run, step_.id, number_, effect);
  std::map<std::string, std::string> intent = {{"effect", std::to_string(effect)},
                                               {"command", std::to_string(run.command)},
                                               {"capsule", capsule}};
  for (const auto& [name, value] : run.before) intent["before." + name] = value;
  if (Status allowed = permit(std::move(intent)); !allowed) return refused(allowed.error());

  auto result = run_in(capsule, step_.commands.at(run.command));
  if (!result && result.error().kind == ErrorKind::Unknown) {
    return resolve_own({number_, std::to_string(effect), run.command, capsule}, result.error());
  }
  if (!result) {
    report({{"effect", std::to_string(effect)}, {"error", result.error().message}});
    return refused(std::move(result).error());
  }
  effect_done_ = true;
  report({{"effect", std::to_string(effect)},
          {"exit_code", result->exit_code ? std::to_string(*result->exit_code) : ""}});
  attempt_.ran.push_back({run.command, std::move(*result)});
  return std::nullopt;
}

/// A node that is away before anything was sent is waited for. Its command is awaited even when the
/// operator asks to stop: no stop token (S15).
Result<CommandResult> StepLoop::run_in(const std::string& capsule, const Command& command) {
  constexpr auto kPause = std::chrono::seconds(1);
  while (true) {
    say_waiting(fmt::format("the command on {} to end", step_.host));
    auto result = ports_.node_writer->run(capsule, command, output_, {});
    if (result || !passes(result.error()) || time_is_up()) return result;
    say_waiting(result.error().message);
    if (!ports_.clock->wait_until(ports_.clock->now() + kPause, stop_)) return cancelled().error;
  }
}

}  // namespace drover::orchestrator
