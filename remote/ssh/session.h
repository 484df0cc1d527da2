#pragma once

#include <memory>
#include <stop_token>

#include "inventory/base/result.h"
#include "remote/ssh/exec.h"
#include "remote/ssh/target.h"

namespace drover::remote {

class Link;

/// An SSH connection to one host, logged in. One thread at a time. Commands run one after the
/// other.
class SshSession {
 public:
  /// Errors: Unreachable, HostKey, Authentication, Timeout, Cancelled, within
  /// `target.connect_timeout` and `deadline`. A stop is noticed within 100 ms.
  static Result<SshSession> connect(const SshTarget& target, std::stop_token stop,
                                    Instant deadline = Instant::max());
  ~SshSession();
  SshSession(SshSession&&) noexcept;
  SshSession& operator=(SshSession&&) noexcept;

  /// Runs one command (see drover::remote::exec). After an Error the connection is closed.
  Result<Exit> exec(const ExecRequest& request, const ExecSink& sink, Instant deadline,
                    std::stop_token stop);
  bool connected() const { return link_ != nullptr; }

 private:
  explicit SshSession(std::unique_ptr<Link> link);
  std::unique_ptr<Link> link_;
};

}  // namespace drover::remote
