#include "remote/ssh/ssh_node.h"

#include <fmt/format.h>

#include <utility>

#include "inventory/base/digest.h"
#include "remote/ssh/capsule.h"
#include "remote/ssh/capsule_run.h"
#include "remote/ssh/transfer.h"

namespace drover::remote {
namespace {

constexpr std::chrono::seconds kStateTimeout{30};
/// Of a command that is read: none of ours comes near, and what prints without end is not kept.
constexpr size_t kMostOutput = size_t{64} << 20;

Error bad_id(const SshTarget& target, const std::string& id) {
  return target_error(target, ErrorKind::Internal, fmt::format("\"{}\" cannot name a capsule", id));
}

Error cut_off(const SshTarget& target, const Exit& exit) {
  return target_error(target, ErrorKind::Unreachable,
                      exit.signal.empty()
                          ? "the host ended a command without saying how"
                          : fmt::format("a command's shell was killed by SIG{}", exit.signal));
}

Error without_end(const SshTarget& target) {
  return target_error(
      target, ErrorKind::Command,
      fmt::format("a command that is to be read printed more than {} MiB", kMostOutput >> 20),
      "look at what the programs of that host print (dpkg-query, crictl, journalctl, kubeadm)");
}

Instant in(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }

}  // namespace

SshNode::SshNode(SshTarget target, std::string capsules)
    : target_(std::move(target)), capsules_(std::move(capsules)) {}

Status SshNode::connect(Instant deadline, const std::stop_token& stop) {
  if (session_ && session_->connected()) return {};
  DROVER_TRY_ASSIGN(session_, SshSession::connect(target_, stop, deadline));
  return {};
}

std::function<Result<SshSession*>(Instant)> SshNode::connecting(std::stop_token stop) {
  return [this, stop = std::move(stop)](Instant deadline) -> Result<SshSession*> {
    DROVER_TRY(connect(deadline, stop));
    return &*session_;
  };
}

Result<CommandResult> SshNode::read(const Command& command, std::stop_token stop) {
  const InputOf input = [&](const std::string& nonce) {
    return script_input(nonce, command.script);
  };
  DROVER_TRY_ASSIGN(Answer answer,
                    ask(input, FramedOutput::Ending::Nonce, in(command.timeout), stop));
  return std::move(answer.result);
}

Result<CommandResult> SshNode::run(const std::string& id, const Command& command,
                                   const OutputSink& output, std::stop_token stop) {
  if (!valid_capsule_id(id)) return bad_id(target_, id);
  CapsuleCall call;
  call.verb = CapsuleCall::Verb::Start;
  call.folder = capsules_;
  call.id = id;
  call.script = command.script;
  return CapsuleRun(target_, std::move(call), command, output, connecting(stop)).run(stop);
}

Result<CapsuleState> SshNode::state(const std::string& id, std::stop_token stop) {
  return state_after(CapsuleCall::Verb::State, id, stop);
}

Result<CapsuleState> SshNode::cancel(const std::string& id, std::stop_token stop) {
  return state_after(CapsuleCall::Verb::Cancel, id, stop);
}

Result<CapsuleState> SshNode::state_after(CapsuleCall::Verb verb, const std::string& id,
                                          const std::stop_token& stop) {
  if (!valid_capsule_id(id)) return bad_id(target_, id);
  CapsuleCall call;
  call.verb = verb;
  call.folder = capsules_;
  call.id = id;
  const InputOf input = [&](const std::string& nonce) { return capsule_input(nonce, call); };
  DROVER_TRY_ASSIGN(const Answer answer,
                    ask(input, FramedOutput::Ending::Announced, in(kStateTimeout), stop));
  if (const auto state = parse_capsule_state(*answer.announcement)) return *state;
  return target_error(target_, ErrorKind::Command,
                      fmt::format("the state of {} cannot be read: {}", id, *answer.announcement));
}

Status SshNode::upload(const std::string& local, const std::string& remote,
                       std::chrono::seconds timeout, std::stop_token stop) {
  return Transfer(target_, connecting(stop), {in(timeout), stop}).upload(local, remote);
}

Status SshNode::download(const std::string& remote, const std::string& local,
                         std::chrono::seconds timeout, std::stop_token stop) {
  return Transfer(target_, connecting(stop), {in(timeout), stop}).download(remote, local);
}

Result<SshNode::Answer> SshNode::ask(const InputOf& input_of, FramedOutput::Ending ending,
                                     Instant deadline, const std::stop_token& stop) {
  Error lost;
  for (int attempt = 0; attempt < 2; ++attempt) {
    DROVER_TRY(connect(deadline, stop));
    const std::string nonce = random_hex(16);
    Answer answer;
    size_t kept = 0;
    FramedOutput framed(nonce, ending, [&](Stream stream, std::string_view bytes) {
      kept += bytes.size();
      if (kept > kMostOutput) return;
      (stream == Stream::Out ? answer.result.out : answer.result.err) += bytes;
    });
    const ExecSink sink = [&](Stream stream, std::string_view bytes) {
      return framed.feed(stream, bytes) && kept <= kMostOutput;
    };
    const auto exit = session_->exec_as_root(input_of(nonce), sink, {deadline, stop});
    if (kept > kMostOutput) {
      session_.reset();  // which ends the command
      return without_end(target_);
    }
    if (!exit && exit.error().kind != ErrorKind::Unreachable) return exit.error();
    if (exit && *exit && !framed.began()) {
      lost = session_->no_root(**exit, framed);
      if (lost.kind == ErrorKind::Unreachable) continue;
      return lost;
    }
    const auto end = framed.ending();
    const auto state = end ? parse_capsule_state(*end) : std::nullopt;
    if (state) answer.result.exit_code = state->exit_code;
    answer.announcement = framed.announcement();
    if (state || answer.announcement) return answer;
    lost = exit ? cut_off(target_, exit->value_or(Exit{})) : exit.error();
  }
  return lost;
}

}  // namespace drover::remote
