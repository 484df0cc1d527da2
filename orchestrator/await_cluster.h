#pragma once

#include <chrono>
#include <stop_token>

#include "inventory/base/result.h"
#include "orchestrator/exec/event_log.h"
#include "orchestrator/fleet.h"
#include "orchestrator/gather.h"
#include "orchestrator/state/run_memory.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// How long the API of a run that is taken up again may stay away: the longest deadline of its
/// open control-plane steps and gates; nothing, when none is open (S5).
std::chrono::seconds patience_with_api(const plans::Plan& plan, const RunMemory& memory,
                                       const Inventory& inventory);

/// Such errors of the API may be gone a moment later.
bool may_pass(ErrorKind kind);
/// Those, and that of an API whose certificates, or ours, are not good any more.
bool is_out_of_reach(ErrorKind kind);

/// Reaches the cluster of a run: the nodes first, for what its open commands do, then the API, for
/// up to `patience`. Says what it waits for. Errors: those of reaching it at the end, a File error
/// when it is another cluster than the run's.
Result<ClusterIdentity> await_cluster(const plans::Plan& plan, const RunMemory& memory,
                                      Fleet& fleet, EventLog& events, std::chrono::seconds patience,
                                      std::stop_token stop);

}  // namespace drover::orchestrator
