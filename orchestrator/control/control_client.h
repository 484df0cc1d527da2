#pragma once

#include <chrono>
#include <string>

#include "inventory/base/result.h"
#include "orchestrator/control/control_line.h"

namespace drover::orchestrator {

/// Asks the process that executes the run in `run_folder`, and gives its words. A Refused error
/// when it does not do so; a State or Timeout error when nobody answers.
Result<std::string> ask_run(const std::string& run_folder, ControlAsk ask,
                            std::chrono::milliseconds patience = std::chrono::seconds(5));

}  // namespace drover::orchestrator
