#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/ssh/exec.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/target.h"

namespace drover::remote {

class Link;
class RootShell;

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
  /// Has the connection's root shell read `input` (see RootShell::exec); nothing in the result:
  /// the shell is ready for more. After an Error the connection is closed.
  Result<std::optional<Exit>> exec_as_root(std::string_view input, const ExecSink& sink,
                                           const Limit& limit, bool* sent = nullptr);
  /// More input for what runs in the root shell.
  Status say(std::string_view input, const Limit& limit);
  /// Why a script did not begin (see RootShell::no_root).
  Error no_root(const Exit& exit, const FramedOutput& output);
  /// A root shell of its own, for one script that takes more than text. Goes before the session;
  /// after an Error of it call close().
  std::unique_ptr<RootShell> root_apart();
  void close();
  bool connected() const { return link_ != nullptr; }

 private:
  explicit SshSession(std::unique_ptr<Link> link);
  std::unique_ptr<Link> link_;
  std::unique_ptr<RootShell> root_;  ///< after the link, whose channels it holds
};

}  // namespace drover::remote
