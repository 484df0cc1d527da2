#pragma once

#include <string>

#include "remote/ssh/link.h"
#include "remote/ssh/unique_fd.h"

struct ssh_channel_struct;

namespace drover::remote {

/// One connection through a tunnel: a local socket and a direct-tcpip channel, each direction ended
/// on its own. Reads at most one buffer ahead of the local side and writes no more than the
/// channel's window, so that each end feels the other's pace. The link's thread only.
class TunnelPipe {
 public:
  enum class State { Going, Ended, Refused };

  TunnelPipe(Link& link, UniqueFd local, int port);
  ~TunnelPipe();
  TunnelPipe(const TunnelPipe&) = delete;
  TunnelPipe& operator=(const TunnelPipe&) = delete;

  /// Moves what can be moved without waiting. May take in data for other channels of the link.
  State step();
  bool opened() const { return opened_; }
  /// For poll: the local socket (-1: not yet) and what it waits for.
  int poll_fd() const { return opened_ ? local_.get() : -1; }
  short poll_events() const;

 private:
  bool to_local();
  bool to_remote();
  bool send_pending();
  bool local_hung_up() const;

  UniqueFd local_;
  ssh_channel_struct* channel_;
  int port_;
  std::string pending_;  ///< came over the channel, not yet taken by the local side
  bool opened_ = false;
  bool local_ended_ = false;
  bool remote_ended_ = false;
};

}  // namespace drover::remote
