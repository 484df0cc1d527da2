#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>

#include "inventory/base/result.h"
#include "remote/clock.h"

namespace drover::orchestrator {

/// Also between readings that end as soon as they begin.
inline constexpr std::chrono::seconds kBetweenReadings{1};

/// How long somebody who follows something puts up with the way there being lost: five minutes,
/// since an upgrade of a single control plane takes its API away for two, and a reboot a machine.
class Patience {
 public:
  explicit Patience(remote::Clock& clock) : clock_(clock) {}

  /// A reading that began at `began` has failed. Tells of the first failure of several. The error
  /// itself, when it will not pass by waiting or has lasted too long.
  Status bear(const Error& error, remote::Instant began,
              const std::function<void(const std::string&)>& tell) {
    const bool passes = error.kind == ErrorKind::Unreachable || error.kind == ErrorKind::Timeout;
    if (!passes) return error;
    if (!away_since_) {
      away_since_ = began;
      tell(error.message + "; trying again");
    }
    if (clock_.now() - *away_since_ > kLongest) return error;
    return {};
  }
  void renew() { away_since_.reset(); }

 private:
  static constexpr std::chrono::minutes kLongest{5};
  remote::Clock& clock_;
  std::optional<remote::Instant> away_since_;
};

inline Error stopped_following() {
  return {.kind = ErrorKind::Cancelled, .message = "stopped following"};
}

}  // namespace drover::orchestrator
