#pragma once

#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {

/// A TCP port on 127.0.0.1 that stays ours, whether anybody listens on it or not.
class Port {
 public:
  /// `wanted` 0: any that is free. Throws std::runtime_error when it is taken.
  explicit Port(int wanted = 0);

  int number() const { return number_; }
  /// From now on connections are taken; the descriptor does not block.
  void listen();
  /// From now on connections are refused (ECONNREFUSED), also those not yet accepted.
  void refuse() { listener_.reset(); }
  /// -1 while connections are refused.
  int listener() const { return listener_.get(); }

 private:
  remote::UniqueFd reservation_;  ///< bound, never listening: keeps the number while it is refused
  remote::UniqueFd listener_;
  int number_ = 0;
};

}  // namespace drover::sandbox
