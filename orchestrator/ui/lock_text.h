#pragma once

#include <optional>
#include <string>

#include "inventory/cluster/lease.h"
#include "orchestrator/lock/holder.h"

/// `lock show|release`: for a person, and as the one line of JSON that programs read.
namespace drover::orchestrator {

/// The locks of a cluster: the Lease in it, and the lock file on this machine.
struct LockView {
  std::string cluster;
  std::optional<Lease> lease = {};
  std::string file;                        ///< path of the lock file
  std::optional<Holder> file_holder = {};  ///< the process that has it now
  bool released = false;                   ///< `lock release` took the Lease away

  bool held() const { return lease && !lease->holder.empty(); }
  std::optional<Holder> holder() const;  ///< nothing when it is free, or not a run of Drover's
  Life life() const;                     ///< of the holder's process
};

/// Who holds it, since when, until when, and what to type next.
std::string lock_text(const LockView& view);
/// With a newline.
std::string lock_json(const LockView& view);

}  // namespace drover::orchestrator
