#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace drover {

/// A POSIX sh script for one node, run there as root (directly or through sudo).
/// A value: whole and final when it is made, so that the preview shows what is sent (S3).
/// Names that come from files or from the cluster enter it through quote() only (S19).
struct Command {
  std::string script;
  bool mutates = false;              ///< true: runs in a capsule, once; false: plain, repeatable
  std::chrono::seconds timeout{60};  ///< from its start to its exit code

  bool operator==(const Command&) const = default;
};

/// What a command left. No exit code means that its outcome is not known, which is not a failure.
struct CommandResult {
  std::optional<int> exit_code;
  std::string out;
  std::string err;

  bool ok() const { return exit_code == 0; }
};

}  // namespace drover
