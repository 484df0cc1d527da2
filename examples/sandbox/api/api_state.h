#pragma once

#include <condition_variable>
#include <mutex>

#include "examples/sandbox/api/faults.h"
#include "examples/sandbox/api/request_log.h"
#include "examples/sandbox/api/strike.h"
#include "examples/sandbox/control/commands.h"
#include "examples/sandbox/world/world.h"

namespace drover::sandbox {

/// What the threads of an API server share. `mutex` guards all of it; `changed` is told whenever
/// somebody may have waited for a fault to end.
struct ApiState {
  ApiState(World the_world, const std::filesystem::path& log_file, std::function<Moment()> now)
      : world(std::move(the_world)), log(log_file), clock(std::move(now)) {}

  std::mutex mutex;
  std::condition_variable changed;
  World world;
  ApiFaults faults;
  Strike strike;
  RequestLog log;
  const std::function<Moment()> clock;
  unsigned garbage_given = 0;
  bool ending = false;
};

/// The commands of the control socket on it.
Commands api_commands(ApiState& state);

}  // namespace drover::sandbox
