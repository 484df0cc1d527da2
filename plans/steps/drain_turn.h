#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/pod.h"
#include "plans/steps/kind.h"

namespace drover::plans {

/// What comes next for one pod that a drain evicts, from the pod as it is and the answers to its
/// evictions (domain.md §1.5).
struct DrainTurn {
  enum Kind {
    Evict,     ///< send the eviction (again)
    Unjudged,  ///< not sent before it is known who else of its controller serves
    Held,      ///< not sent before another pod of its controller is Ready elsewhere
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

/// `sent`: the evictions of this very pod (by uid) in this attempt, in order. The pod was read
/// after them, which is what makes sending again harmless (S4). `verb`: "evict" or "delete".
DrainTurn drain_turn(const Pod& pod, const std::vector<const Sent*>& sent, Seconds now,
                     std::string_view verb);

}  // namespace drover::plans
