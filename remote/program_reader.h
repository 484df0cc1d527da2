#pragma once

#include <stop_token>

#include "inventory/base/command.h"
#include "inventory/base/local_program.h"
#include "inventory/base/result.h"

namespace drover::remote {

/// Programs on this machine that only look. One thread at a time an object.
class ProgramReader {
 public:
  virtual ~ProgramReader() = default;
  /// Runs it to its end. A non-zero exit code is a result, and so is none when a signal ended it.
  /// Errors: File (it cannot be started), Timeout, Cancelled, Api (it prints too much).
  virtual Result<CommandResult> run(const LocalProgram& program, std::stop_token stop) = 0;
};

}  // namespace drover::remote
