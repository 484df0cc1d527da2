#include "remote/ssh/session.h"

#include <utility>

#include "remote/ssh/link.h"
#include "remote/ssh/login.h"
#include "remote/ssh/root_shell.h"

namespace drover::remote {
namespace {

Error closed() { return {ErrorKind::Internal, "a command on a closed SSH session", {}, {}, {}}; }

}  // namespace

SshSession::SshSession(std::unique_ptr<Link> link)
    : link_(std::move(link)), root_(std::make_unique<RootShell>(*link_)) {}
SshSession::~SshSession() = default;
SshSession::SshSession(SshSession&&) noexcept = default;

SshSession& SshSession::operator=(SshSession&& other) noexcept {
  root_ = std::move(other.root_);  // the old one before its link
  link_ = std::move(other.link_);
  return *this;
}

Result<SshSession> SshSession::connect(const SshTarget& target, std::stop_token stop,
                                       Instant deadline) {
  DROVER_TRY_ASSIGN(auto link, log_in(target, {deadline, std::move(stop)}));
  return SshSession(std::move(link));
}

Result<Exit> SshSession::exec(const ExecRequest& request, const ExecSink& sink, Instant deadline,
                              std::stop_token stop) {
  if (!link_) return closed();
  auto exit = remote::exec(*link_, request, sink, {deadline, std::move(stop)});
  if (!exit) close();
  return exit;
}

Result<std::optional<Exit>> SshSession::exec_as_root(std::string_view input, const ExecSink& sink,
                                                     const Limit& limit, bool* sent) {
  if (!link_) return closed();
  auto exit = root_->exec(input, sink, limit, sent);
  if (!exit) close();
  return exit;
}

Status SshSession::say(std::string_view input, const Limit& limit) {
  if (!link_) return closed();
  Status said = root_->say(input, limit);
  if (!said) close();
  return said;
}

Error SshSession::no_root(const Exit& exit, const FramedOutput& output) {
  return link_ ? root_->no_root(exit, output) : closed();
}

std::unique_ptr<RootShell> SshSession::root_apart() { return std::make_unique<RootShell>(*link_); }

void SshSession::close() {
  root_.reset();
  link_.reset();
}

}  // namespace drover::remote
