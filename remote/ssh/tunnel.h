#pragma once

#include <memory>
#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "remote/ssh/target.h"

namespace drover::remote {

class Link;

/// A way from an AF_UNIX socket here to a port on a host's loopback: a thread of its own owns an
/// SSH session and carries every connection to the socket over a direct-tcpip channel. The socket
/// is in a 0700 folder of its own, and only this process may connect. Members may be called on any
/// thread; the destructor ends all connections and joins the thread.
class Tunnel {
 public:
  /// Logs in and listens. Whether anything answers on `port` shows with the first connection.
  static Result<std::unique_ptr<Tunnel>> open(const SshTarget& target, int port,
                                              std::stop_token stop);
  ~Tunnel();
  Tunnel(const Tunnel&) = delete;
  Tunnel& operator=(const Tunnel&) = delete;

  /// Of the socket; nobody listens there any more once the tunnel is lost.
  const std::string& path() const;
  /// The SSH connection broke: this tunnel carries nothing any more.
  bool lost() const;
  /// Why the host refused the last connection, or how the tunnel was lost; "" after a connection
  /// was carried.
  std::string last_error() const;

 private:
  struct Pump;
  explicit Tunnel(std::unique_ptr<Pump> pump);
  static Result<std::unique_ptr<Pump>> make_pump(const SshTarget& target,
                                                 std::unique_ptr<Link> link, int port);
  std::unique_ptr<Pump> pump_;
};

}  // namespace drover::remote
