#pragma once

#include <stop_token>

#include "inventory/base/result.h"
#include "orchestrator/fleet.h"
#include "plans/etcd/restore_plan.h"

namespace drover::orchestrator {

/// Puts the snapshot to all its control planes, at once; where it is already, nothing is sent. A
/// File error: the file here is not what it was when the run was planned.
Status send_snapshot(const plans::SnapshotCopy& copy, Fleet& fleet, std::stop_token stop);

}  // namespace drover::orchestrator
