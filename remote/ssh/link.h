#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"
#include "remote/ssh/unique_fd.h"
#include "remote/ssh/wake.h"

struct ssh_session_struct;
struct ssh_event_struct;
struct ssh_counter_struct;

namespace drover::remote {

class Channel;

/// One libssh session on a connected socket, driven by our own poll: nothing that is called here or
/// through here blocks for longer than its Limit allows. One thread at a time, with all its
/// channels.
class Link {
 public:
  Link(SshTarget target, UniqueFd fd);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  const SshTarget& target() const { return target_; }
  ssh_session_struct* session() const { return session_; }

  /// The key exchange: ssh_connect on the socket, repeated until it ends.
  Result<int> connect(const Limit& limit);
  /// From now on a silent peer is asked for a sign of life (`target().keepalive`).
  void start_keepalive();

  /// Repeats `call` while it returns `again`, waiting for the peer in between; its last value.
  /// Errors: Unreachable, Timeout, Cancelled, with `doing` in the message.
  Result<int> complete(const std::function<int()>& call, int again, const Limit& limit,
                       std::string_view doing);
  /// Waits until there is something to step() on, or until `until`.
  Status wait(const Limit& limit, std::string_view doing, Instant until = Instant::max());
  /// Lets libssh take in and send what it can without waiting.
  Status step(std::string_view doing);

  /// For a poll elsewhere: the socket (-1 when closed) and what it waits for.
  int fd() const;
  short poll_events() const;
  /// Sends and counts signs of life; Unreachable when three were missed.
  Status check_liveness(std::string_view doing);
  Instant next_liveness_check() const;
  /// A pause in which nobody listened is no silence of the peer.
  void heard_now();

  /// From the socket, so far.
  std::uint64_t received_bytes() const;

  bool broken() const;
  /// Unreachable, with what libssh says about it.
  Error lost(std::string_view doing) const;
  /// libssh's last message, fit for a line.
  std::string last_message() const;

  /// Until then ACKs are sent at once: sshd leaves its side of Nagle on until the first command.
  void first_command_done() { quick_ack_ = false; }

  /// Keeps a channel whose caller has all it wants until the peer has ended it, so that the peer's
  /// limit of sessions is not met; settle() waits for such channels, a quarter of a second at most.
  void let_go(std::unique_ptr<Channel> channel);
  Status settle(const Limit& limit);

 private:
  void ask_for_life();

  SshTarget target_;
  UniqueFd fd_;  ///< until libssh has it
  Wake wake_;
  ssh_session_struct* session_ = nullptr;
  ssh_event_struct* event_ = nullptr;
  std::unique_ptr<ssh_counter_struct> socket_bytes_;
  std::unique_ptr<ssh_counter_struct> packets_;
  std::vector<std::unique_ptr<Channel>> let_go_;
  bool quick_ack_ = true;
  bool keepalive_ = false;
  Instant heard_;
  std::uint64_t heard_bytes_ = 0;
  int asked_ = 0;
};

}  // namespace drover::remote
