#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace drover {

/// A program of the user's on the machine that Drover runs on. It only looks: it may be run any
/// number of times, and in a dry run too.
struct LocalProgram {
  std::vector<std::string> argv;  ///< no shell reads them
  std::vector<std::pair<std::string, std::string>> env;
  std::chrono::seconds timeout{60};

  bool operator==(const LocalProgram&) const = default;
};

}  // namespace drover
