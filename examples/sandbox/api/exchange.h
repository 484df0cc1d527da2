#pragma once

#include "examples/sandbox/api/api_state.h"
#include "examples/sandbox/api/listener.h"

namespace drover::sandbox {

/// One request to the API server of a control plane, from its arrival to its answer: faults and
/// strikes included. Called on the connection's thread.
Sent exchange(ApiState& state, const std::string& control_plane, const Received& received);

/// Whether the port of this control plane is to be open.
bool listens(ApiState& state, const std::string& control_plane, Moment now);

}  // namespace drover::sandbox
