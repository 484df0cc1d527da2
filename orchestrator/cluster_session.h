#pragma once

#include <memory>
#include <stop_token>

#include "orchestrator/fleet.h"
#include "orchestrator/signals.h"

namespace drover::orchestrator {

/// The connections of a command that works on a cluster without a run: `lock`, `node`, `etcd`. The
/// first Ctrl-C asks it to stop, the second ends the process (S15). One thread.
class ClusterSession {
 public:
  /// Obtains what the logins need, which may ask on the terminal. `inventory` must outlive it.
  explicit ClusterSession(const Inventory& inventory);

  /// Opens the way to the API. All that uses api() comes after it.
  Status open();
  remote::KubeApi& api() { return *api_; }
  Fleet& fleet() { return fleet_; }
  remote::Clock& clock() { return clock_; }
  std::stop_token stop() const { return stop_.get_token(); }
  bool stopped() const { return stop_.stop_requested(); }

 private:
  std::stop_source stop_;
  SignalWatch watch_;  // before the fleet, which may ask for passwords
  Fleet fleet_;
  remote::SystemClock clock_;
  std::unique_ptr<remote::KubeApi> api_;
};

}  // namespace drover::orchestrator
