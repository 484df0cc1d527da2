#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace drover::sandbox {

/// What `drover-sandbox up` is told.
struct UpOptions {
  std::filesystem::path folder;  ///< empty: a new one, which goes with the sandbox
  int workers = 3;
  int control_planes = 1;
  double speed = 1;
  unsigned seed = 1;
  int port_base = 0;                ///< 0: any ports that are free
  std::vector<std::string> faults;  ///< commands that are carried out before it is ready
};

/// The command line, taken apart.
struct Invocation {
  enum class Command { Help, Up, Do };
  Command command = Command::Help;
  UpOptions up;
  std::filesystem::path folder;    ///< of `do`
  std::vector<std::string> words;  ///< of `do`
};

/// Throws std::runtime_error with what is wrong, and what would be right.
Invocation read_options(const std::vector<std::string>& arguments);

std::string help_text();

}  // namespace drover::sandbox
