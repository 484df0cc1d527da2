#pragma once

#include <vector>

#include "remote/program_reader.h"
#include "remote/redaction.h"

namespace drover::remote {

/// Runs programs here, and frees what they print of secrets.
class LocalPrograms final : public ProgramReader {
 public:
  /// What is taken out of their output; all of them outlive this object.
  explicit LocalPrograms(std::vector<const Redaction*> redactions)
      : redactions_(std::move(redactions)) {}

  Result<CommandResult> run(const LocalProgram& program, std::stop_token stop) override;

 private:
  std::vector<const Redaction*> redactions_;
};

}  // namespace drover::remote
