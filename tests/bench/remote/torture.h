#pragma once

#include <nlohmann/json_fwd.hpp>

namespace drover::bench {

/// Runs the capsules of `job` that have no result yet: {"fleet": (see Fleet), "results": FOLDER,
/// "timeout": SECONDS, "lanes": [{"capsules": FOLDER, "steps": [{"id", "script"}, ...]}, ...]}.
/// Each lane is a host of its own, one step after the other, all on the fleet's first address. What
/// a capsule gave is written to FOLDER/ID.out and ID.err, and then, at once and as a whole, to
/// ID.rc: its exit code. May be killed at any moment and started again. False if one had no result,
/// or if its result was not what its sink got; stderr says which.
bool run_torture(const nlohmann::json& job);

}  // namespace drover::bench
