#pragma once

#include <optional>

#include "remote/clock.h"

namespace drover::orchestrator {

/// Whether the cluster's lock may still be believed to be ours (S14): not after a renewal that
/// failed, and not when the newest one is long ago, as after the machine slept, until one succeeds.
/// Times are of Clock::boot(). One thread at a time.
class LeaseAge {
 public:
  void renewed(remote::Instant at) {
    renewed_ = at;
    failed_ = false;
  }
  void failed() { failed_ = true; }
  /// Whoever takes the lock posts that as its first renewal; without a lock it is always fresh.
  bool fresh(remote::Instant now) const {
    return !failed_ && (!renewed_ || now - *renewed_ <= kOldest);
  }

 private:
  static constexpr std::chrono::seconds kOldest{60};  // six renewals; others wait for much longer

  std::optional<remote::Instant> renewed_;
  bool failed_ = false;
};

}  // namespace drover::orchestrator
