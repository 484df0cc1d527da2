#include "remote/ssh/session.h"

#include <utility>

#include "remote/ssh/link.h"
#include "remote/ssh/login.h"

namespace drover::remote {

SshSession::SshSession(std::unique_ptr<Link> link) : link_(std::move(link)) {}
SshSession::~SshSession() = default;
SshSession::SshSession(SshSession&&) noexcept = default;
SshSession& SshSession::operator=(SshSession&&) noexcept = default;

Result<SshSession> SshSession::connect(const SshTarget& target, std::stop_token stop,
                                       Instant deadline) {
  DROVER_TRY_ASSIGN(auto link, log_in(target, {deadline, std::move(stop)}));
  return SshSession(std::move(link));
}

Result<Exit> SshSession::exec(const ExecRequest& request, const ExecSink& sink, Instant deadline,
                              std::stop_token stop) {
  if (!link_) return Error{ErrorKind::Internal, "a command on a closed SSH session", {}, {}, {}};
  auto exit = remote::exec(*link_, request, sink, {deadline, std::move(stop)});
  if (!exit) link_.reset();
  return exit;
}

}  // namespace drover::remote
