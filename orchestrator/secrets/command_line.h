#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "remote/ssh/limit.h"

namespace drover::orchestrator {

/// Runs `command` without a shell, its standard input empty, its stderr ours, and gives the first
/// line that it prints, once it has ended with exit code 0. At the limit it is killed. Errors:
/// Authentication, Cancelled; none shows what was printed.
Result<std::string> first_line_of(const std::vector<std::string>& command,
                                  const remote::Limit& limit);

}  // namespace drover::orchestrator
