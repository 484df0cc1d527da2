#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

#include "examples/sandbox/node/relay.h"
#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {

/// What is wrong with the cable between an operator and a node.
struct Cable {
  bool cut = false;                    ///< nothing passes, and nobody is told
  std::chrono::milliseconds delay{0};  ///< of every byte, in each direction
};

/// One connection through the door of a node: the operator's end, the end of the program that
/// serves it, and the bytes between them. Both descriptors must not block.
class Connection {
 public:
  using Time = Relay::Time;

  Connection(remote::UniqueFd client, remote::UniqueFd server)
      : client_(std::move(client)), server_(std::move(server)) {}

  /// Takes and hands on whatever can be now.
  void move(Time now, const Cable& cable);
  /// The epoll events to wait for at each end; 0: none, and the end is not to be watched at all.
  uint32_t client_events(Time now, const Cable& cable) const;
  uint32_t server_events(Time now, const Cable& cable) const;
  /// When move() has something to do without an event.
  std::optional<Time> due(Time now, const Cable& cable) const;

  /// The node lost its power: its end is gone, and the operator hears nothing of it.
  void lose_server();
  /// Ends it for the operator with a reset (RST).
  void reset();
  bool over() const { return client_.get() < 0; }
  int client() const { return client_.get(); }
  int server() const { return server_.get(); }

 private:
  bool silent(const Cable& cable) const { return cable.cut || lost_ || over(); }
  void take(int fd, Relay& relay, Time due);
  void hand_on(int fd, Relay& relay, Time now);

  remote::UniqueFd client_;
  remote::UniqueFd server_;
  Relay up_;    ///< from the operator to the node
  Relay down_;  ///< and back
  bool up_ended_ = false;
  bool lost_ = false;
};

}  // namespace drover::sandbox
