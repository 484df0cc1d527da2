#pragma once

#include "orchestrator/cli/exit_codes.h"
#include "orchestrator/console.h"

namespace drover::orchestrator {

/// Says what ended the command, and returns its exit code.
inline int complain(const Console& console, const Error& error) {
  console.complain(error);
  return exit_code(error.kind);
}

}  // namespace drover::orchestrator
