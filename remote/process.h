#pragma once

#include <chrono>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "inventory/base/result.h"

namespace drover::remote {

/// A program on this machine.
struct ProcessSpec {
  std::string command;  ///< without a slash it is looked for in PATH
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;  ///< over Drover's own environment
  size_t most_output = size_t{1} << 20;                  ///< bytes of each stream
};

struct ProcessResult {
  std::optional<int> exit_code;  ///< nothing: a signal ended it
  std::string out;
  std::string err;
};

/// Runs it to its end: no shell, standard input closed, a process group of its own. The group is
/// killed after `patience` (Timeout), when `stop` is requested (Cancelled), and when it prints too
/// much (Api). A program that cannot be started is a File error.
Result<ProcessResult> run_process(const ProcessSpec& spec, std::chrono::milliseconds patience,
                                  std::stop_token stop);

}  // namespace drover::remote
