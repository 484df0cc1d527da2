#pragma once

#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>

#include "inventory/base/result.h"
#include "inventory/cluster/lease.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/lock/holder.h"
#include "remote/clock.h"
#include "remote/kube_api.h"

namespace drover::orchestrator {

/// What may be done with the Lease that was read (S14).
enum class LeaseMove { Create, Take, Renew, Held };
LeaseMove lease_move(const std::optional<Lease>& lease, const Holder& self);

/// The Lease kube-system/drover: at most one run per cluster. One thread at a time.
class ClusterLock {
 public:
  ClusterLock(remote::ApiReader& reader, remote::ApiWriter& writer, remote::Clock& clock,
              Holder self)
      : reader_(reader), writer_(writer), clock_(clock), self_(std::move(self)) {}

  /// Makes the Lease ours. Locked when another run holds it: its holder and how to free it are
  /// named. The caller holds the lock file of this machine already.
  Status acquire(std::stop_token stop);
  /// Renews it. Locked only when a read shows another holder, or none any more, which is what
  /// `drover lock release` leaves; any other Error means "not now".
  Status renew(std::stop_token stop);
  /// Gives it back, if it is still ours. Tried a few times, a second apart, unless the API takes
  /// longer than that: an answer may be lost or garbled, and a renewal of ours that was broken off
  /// may come in between.
  Status release(std::stop_token stop);

  /// The Lease as it is now; nothing when there is none.
  Result<std::optional<Lease>> read(std::stop_token stop);
  /// Takes `seen` away from whoever holds it. Locked when it was renewed, given back or taken since
  /// it was read; the holder itself stops at its next renewal.
  Status take_away(const Lease& seen, std::stop_token stop);

  /// What to tell somebody who meets `lease` in another's hands.
  static Error held_by(const Lease& lease);

 private:
  Status give_back(std::stop_token stop);
  Status write(const std::optional<Lease>& before, const std::string& holder, std::stop_token stop);

  remote::ApiReader& reader_;
  remote::ApiWriter& writer_;
  remote::Clock& clock_;
  Holder self_;
};

/// Renews the lock every ten seconds on a thread of its own, every second while that fails, and
/// tells the coordinator. Joins when it goes.
class LeaseKeeper {
 public:
  /// All must outlive it; the lock is used by this thread alone meanwhile.
  LeaseKeeper(ClusterLock& lock, remote::Clock& clock, Mailbox& mailbox);

 private:
  std::jthread thread_;
};

}  // namespace drover::orchestrator
