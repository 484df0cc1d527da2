#pragma once

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "remote/node.h"
#include "remote/ssh/capsule.h"
#include "remote/ssh/session.h"

namespace drover::remote {

class FramedOutput;

/// One command on its way through its capsule, over as many connections as it takes. Output that a
/// broken connection swallowed is fetched again by its offset: none is doubled, none is missing.
class CapsuleRun {
 public:
  /// A session that is connected, or why there is none.
  using Connect = std::function<Result<SshSession*>(Instant deadline)>;

  /// `target`, `command` and `output` are the caller's and outlive the run.
  CapsuleRun(const SshTarget& target, CapsuleCall call, const Command& command,
             const OutputSink& output, Connect connect);

  /// Until the command's end, its timeout, or `stop`; errors as SshNode says.
  Result<CommandResult> run(const std::stop_token& stop);

 private:
  using Outcome = Result<CommandResult>;

  /// One connection's worth; nothing: to be tried again.
  std::optional<Outcome> one_round(const std::stop_token& stop);
  std::optional<Outcome> after_exec(const Status& exit, const FramedOutput& framed);
  Error not_made(const std::string& reason) const;
  std::optional<Outcome> ended(std::string_view ending);
  std::optional<Outcome> broken(const Error& error);
  void take(Stream stream, std::string_view bytes);
  Error unknown(std::string_view why) const;
  Error cancelled() const;

  const SshTarget& target_;
  CapsuleCall call_;
  const Command& command_;
  const OutputSink& output_;
  Connect connect_;
  Instant deadline_;
  CommandResult result_;
  bool sent_ = false;      ///< the host may have seen the request to start
  bool progress_ = false;  ///< this round brought something
  int failures_ = 0;       ///< connections that were not made, or broke before anything was sent
  Error last_error_;
};

}  // namespace drover::remote
