#pragma once

#include <optional>
#include <string>

#include "inventory/cluster/pod.h"
#include "plans/steps/kind.h"

namespace drover::plans {

/// What comes next for one pod that a drain evicts, from the pod as it is and the newest answer to
/// its eviction (domain.md §1.5).
struct DrainTurn {
  enum Kind {
    Evict,     ///< send the eviction (again)
    Going,     ///< accepted: it is terminating
    Budget,    ///< a disruption budget allows nothing now
    Later,     ///< another refusal or trouble that passes
    Hopeless,  ///< waiting does not help this pod
  };
  Kind kind = Evict;
  Seconds due{0};   ///< Budget, Later: when to send again, on the attempt's clock
  std::string why;  ///< Budget, Later: in the server's words, sanitised
  Error error;      ///< Hopeless
};

/// `sent`: the newest eviction of this very pod (by uid) in this attempt; nullptr without one. The
/// pod was read after it, which is what makes sending again harmless (S4).
DrainTurn drain_turn(const Pod& pod, const Sent* sent, Seconds now);

}  // namespace drover::plans
