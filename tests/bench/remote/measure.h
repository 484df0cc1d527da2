#pragma once

#include <cstddef>
#include <nlohmann/json_fwd.hpp>

#include "tests/bench/remote/fleet.h"

namespace drover::bench {

/// A fresh connection to each host, `commands` times `true` on it, one after the other; so many
/// hosts at a time. All of it is timed, from the first dial to the last connection's end.
nlohmann::json measure_commands(const Fleet& fleet, std::size_t parallel, std::size_t commands);

/// `true` again and again on one open session of the first host.
nlohmann::json measure_latency(const Fleet& fleet, std::size_t rounds);

/// `true` as it is, in a capsule, and as it is again, by turns on one open session of the first
/// host: what the capsule adds until its result is known here, and how long whatever comes next
/// takes, since the host has to be done with the capsule first.
nlohmann::json measure_capsule(const Fleet& fleet, std::size_t rounds);

/// So many open sessions, each with a thread of its own as a node in flight has: resident memory.
nlohmann::json measure_memory(const Fleet& fleet, std::size_t sessions);

}  // namespace drover::bench
