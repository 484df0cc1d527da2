#pragma once

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"
#include "remote/ssh/unique_fd.h"
#include "remote/ssh/wake.h"

namespace drover::remote {

/// The way of one login to ssh-agent. libssh waits for an agent without limit; here it gets one end
/// of a pair of sockets, and a thread carries bytes between the other end and the agent until the
/// limit. Then it hangs up, so that libssh's wait ends.
class Agent {
 public:
  /// The agent of SSH_AUTH_SOCK, once it has said which keys it holds. Errors: Authentication, with
  /// the reason alone as message; Cancelled.
  static Result<std::unique_ptr<Agent>> open(const SshTarget& target, const Limit& limit);
  ~Agent();
  Agent(const Agent&) = delete;
  Agent& operator=(const Agent&) = delete;

  /// "ssh-ed25519 SHA256:... (comment)" of each key it holds.
  const std::vector<std::string>& keys() const { return keys_; }

  /// The end for libssh, which closes it. Once.
  int release_end() { return theirs_.release(); }

 private:
  Agent(UniqueFd agent, std::vector<std::string> keys, const Limit& limit);
  void carry(std::stop_token done) const;

  UniqueFd agent_;
  UniqueFd ours_;
  UniqueFd theirs_;
  std::vector<std::string> keys_;
  Limit limit_;
  Wake wake_;
  std::jthread carrier_;
};

}  // namespace drover::remote
