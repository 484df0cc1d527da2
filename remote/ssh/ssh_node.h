#pragma once

#include <functional>
#include <optional>
#include <string>

#include "remote/node.h"
#include "remote/ssh/capsule.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/session.h"

namespace drover::remote {

/// One host by SSH: connects when first needed, and again when the connection was lost.
///
/// From run(), the kinds Unreachable, Timeout, Authentication, HostKey, Sudo and Command mean that
/// nothing was started; whatever goes wrong later is Unknown or Cancelled.
class SshNode final : public NodeReader, public NodeWriter, public NodeFiles {
 public:
  /// `capsules`: absolute folder on the host that keeps the capsules.
  explicit SshNode(SshTarget target, std::string capsules = "/var/lib/drover/steps");

  Result<CommandResult> read(const Command& command, std::stop_token stop) override;
  Result<CommandResult> run(const std::string& id, const Command& command, const OutputSink& output,
                            std::stop_token stop) override;
  Result<CapsuleState> state(const std::string& id, std::stop_token stop) override;
  Result<CapsuleState> cancel(const std::string& id, std::stop_token stop) override;

  Status upload(const std::string& local, const std::string& remote, std::chrono::seconds timeout,
                std::stop_token stop) override;
  Status download(const std::string& remote, const std::string& local, std::chrono::seconds timeout,
                  std::stop_token stop) override;

  /// Ends the connection; the next call makes a new one.
  void disconnect() { session_.reset(); }

 private:
  /// What a framed script said.
  struct Answer {
    CommandResult result;
    std::optional<std::string> announcement;
  };
  Result<CapsuleState> state_after(CapsuleCall::Verb verb, const std::string& id,
                                   const std::stop_token& stop);
  using InputOf = std::function<std::string(const std::string& nonce)>;

  Status connect(Instant deadline, const std::stop_token& stop);
  /// A session that is connected, for whoever goes on over several of them.
  std::function<Result<SshSession*>(Instant deadline)> connecting(std::stop_token stop);
  /// Runs a script that may be repeated, and repeats it once if the connection is lost.
  Result<Answer> ask(const InputOf& input_of, FramedOutput::Ending ending, Instant deadline,
                     const std::stop_token& stop);

  SshTarget target_;
  std::string capsules_;
  std::optional<SshSession> session_;
};

}  // namespace drover::remote
