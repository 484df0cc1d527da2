#include "orchestrator/exec_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/parallel.h"

namespace drover::orchestrator {
namespace {

using CapsuleKind = remote::CapsuleState::Kind;

constexpr std::chrono::minutes kLeasePatience{15};  // as long as others respect it unrenewed

int code_of(const Error& error) {
  const auto kind = error.kind;
  const bool of_command = kind == ErrorKind::Command || kind == ErrorKind::Unknown;
  if (of_command || kind == ErrorKind::Locked) return kExitStopped;
  return exit_code(error.kind);
}

std::string step_of(const std::string& host) { return fmt::format("node/{}/exec", host); }

}  // namespace

int worst_exit_code(const std::vector<ExecResult>& results) {
  int of_drover = 0;
  int of_command = 0;
  for (const ExecResult& result : results) {
    if (result.error) {
      of_drover = std::max(of_drover, code_of(*result.error));
    } else {
      of_command = std::max(of_command, result.result.exit_code.value_or(kExitInternal));
    }
  }
  return of_drover > 0 ? of_drover : of_command;
}

std::vector<ExecResult> ExecRun::run(const std::vector<const Host*>& hosts,
                                     const Command& command) {
  std::vector<ExecResult> results(hosts.size());
  {
    const std::jthread pool([&] {
      in_parallel(hosts.size(), kSessionsAtOnce, [&](std::size_t i) {
        results[i] = run_on(*hosts[i], command);
        parts_.mailbox.post(StepEnded{step_of(hosts[i]->name), {}});
      });
    });
    listen(hosts.size());
  }
  return results;
}

/// Until all nodes have ended.
void ExecRun::listen(std::size_t nodes) {
  while (nodes > 0) {
    const auto message = parts_.mailbox.take(std::chrono::seconds(1));
    if (!message) continue;
    if (std::holds_alternative<StepEnded>(*message)) --nodes;
    std::visit([this](const auto& content) { take(content); }, *message);
  }
}

ExecResult ExecRun::run_on(const Host& host, const Command& command) {
  ExecResult done{.host = host.name};
  if (const Status allowed = permit(host.name); !allowed) {
    done.error = allowed.error();
    return done;
  }
  auto result = run_capsule(host, command);
  Record outcome{.type = "effect-outcome",
                 .step = step_of(host.name),
                 .attempt = 1,
                 .fields = {{"effect", "1"}}};
  if (result && result->exit_code) {
    outcome.fields["exit_code"] = std::to_string(*result->exit_code);
    done.result = std::move(*result);
  } else {
    done.error =
        result ? Error{.kind = ErrorKind::Unknown,
                       .message = fmt::format("{}: the command's end is not known", host.name)}
               : result.error();
    outcome.fields["error"] = done.error->message;
  }
  if (const Status kept = record(std::move(outcome)); !kept) parts_.tell(kept.error().message);
  return done;
}

/// What the capsule says of an outcome that did not come.
Result<CommandResult> ExecRun::run_capsule(const Host& host, const Command& command) {
  const auto node = parts_.node(host.name);
  const remote::OutputSink sink = [&](remote::Stream stream, std::string_view text) {
    parts_.output(host.name, stream, text);
  };
  auto result = node->run(capsule(), command, sink, {});
  if (result || result.error().kind != ErrorKind::Unknown) return result;
  const auto state = node->state(capsule(), {});
  if (!state) return result;
  if (state->kind == CapsuleKind::Done) return node->run(capsule(), command, sink, {});
  Error error = result.error();
  error.host = host.name;
  if (state->kind == CapsuleKind::Running) return out_of_time(*node, host, command);
  if (state->kind == CapsuleKind::Rebooted) {
    error.message =
        fmt::format("{}: the machine was restarted before the command ended", host.name);
  }
  if (state->kind == CapsuleKind::Lost) {
    error.message = fmt::format("{}: the command was killed", host.name);
  }
  return error;
}

/// It would stand in the way of whatever comes next on the node.
Error ExecRun::out_of_time(remote::NodeWriter& node, const Host& host, const Command& command) {
  const std::string time = format_duration(command.timeout);
  const auto ended = node.cancel(capsule(), {});
  if (ended && ended->kind != CapsuleKind::Running) {
    return {.kind = ErrorKind::Command,
            .message = fmt::format("{}: the command was ended, as its {} were up", host.name, time),
            .remedy = "--timeout gives it longer",
            .host = host.name};
  }
  return {.kind = ErrorKind::Unknown,
          .message = fmt::format("{}: the command still runs, though its {} are up, and cannot be "
                                 "ended",
                                 host.name, time),
          .remedy = fmt::format("see /var/lib/drover/steps/{} there", capsule()),
          .host = host.name};
}

/// Not before the intent is durable, and not while somebody else may have the cluster (S4, S14).
Status ExecRun::permit(const std::string& host) {
  std::unique_lock lock(mutex_);
  const bool told = changed_.wait_for(lock, kLeasePatience,
                                      [this] { return lease_.fresh(clock_.boot()) || why_not(); });
  if (const auto error = why_not()) return *error;
  if (!told) {
    return Error{.kind = ErrorKind::Unreachable,
                 .message = "not begun: the lock kube-system/drover could not be renewed"};
  }
  return parts_.journal.append(
      {.type = "effect-intent",
       .step = step_of(host),
       .attempt = 1,
       .fields = {{"effect", "1"}, {"command", "0"}, {"capsule", capsule()}}});
}

std::optional<Error> ExecRun::why_not() const {
  if (interrupted_) {
    return Error{.kind = ErrorKind::Cancelled, .message = "not begun: stopped by the operator"};
  }
  if (!lost_how_.empty()) {
    return Error{.kind = ErrorKind::Locked,
                 .message = fmt::format("not begun: the lock kube-system/drover {}", lost_how_)};
  }
  return std::nullopt;
}

Status ExecRun::record(Record record) {
  const std::lock_guard lock(mutex_);
  return parts_.journal.append(std::move(record));
}

void ExecRun::take(const Interrupt&) {
  {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
  }
  changed_.notify_all();
  parts_.tell(
      "stopping: nothing more is begun, commands that run are awaited; press Ctrl-C again "
      "to leave at once, they go on on the nodes");
}

void ExecRun::take(const LeaseRenewed& renewed) {
  {
    const std::lock_guard lock(mutex_);
    lease_.renewed(renewed.at);
  }
  changed_.notify_all();
}

void ExecRun::take(const LeaseFailed&) {
  const std::lock_guard lock(mutex_);
  lease_.failed();
}

void ExecRun::take(const LeaseLost& lost) {
  {
    const std::lock_guard lock(mutex_);
    lost_how_ = sanitise(lost.how);
  }
  changed_.notify_all();
  parts_.tell(
      fmt::format("the lock kube-system/drover {}: nothing more is begun", sanitise(lost.how)));
}

}  // namespace drover::orchestrator
