#pragma once

#include <array>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "remote/node.h"
#include "remote/ssh/capsule.h"
#include "remote/ssh/kept_output.h"
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
  Outcome out_of_time(const std::stop_token& stop);
  void take(Stream stream, std::string_view bytes);
  void go_on_at_offset(Stream stream, const std::vector<std::string>& announced);
  Error unknown(std::string_view why) const;
  Error cancelled() const;

  const SshTarget& target_;
  CapsuleCall call_;
  const Command& command_;
  const OutputSink& output_;
  Connect connect_;
  Instant deadline_;
  CommandResult result() const;
  std::array<KeptOutput, 2> kept_;
  /// Offsets from which this round is to go on, until the host has confirmed them.
  std::array<std::optional<std::uint64_t>, 2> asked_;
  std::optional<int> exit_code_;
  bool sent_ = false;      ///< the host may have seen the request to start
  bool progress_ = false;  ///< this round brought something
  bool waits_ = false;     ///< another capsule runs on the host, and this one was not started
  int failures_ = 0;       ///< connections that were not made, or broke before anything was sent
  Error last_error_;
};

}  // namespace drover::remote
