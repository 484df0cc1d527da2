#pragma once

#include <string>

#include "orchestrator/exec/threaded_runner.h"
#include "orchestrator/fleet.h"

/// The ports of a worker thread, over the connections of a fleet, which must outlive them.
namespace drover::orchestrator {

/// For steps that may change things on `host` ("": none) and in the cluster.
ThreadedRunner::Owned working_ports(Fleet& fleet, const std::string& host);

/// The same without the mutating halves (S2).
ThreadedRunner::Owned looking_ports(Fleet& fleet, const std::string& host);

}  // namespace drover::orchestrator
