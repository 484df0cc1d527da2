#pragma once

#include <stop_token>
#include <string>

#include "inventory/base/result.h"
#include "inventory/secret_source.h"

namespace drover::orchestrator {

/// The secret that `source` names: one line, from the environment, a file that only its owner may
/// read, a command or the terminal, where `question` asks for it. Errors are of `kind`, for a
/// credential that cannot be had, or Cancelled; none shows anything of a secret. The caller wipes
/// the text.
Result<std::string> obtain(const SecretSource& source, const std::string& question, ErrorKind kind,
                           std::stop_token stop);

}  // namespace drover::orchestrator
