#pragma once

#include <filesystem>
#include <string>
#include <thread>

#include "examples/sandbox/control/commands.h"
#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {

/// The answer to one line that was said at the control socket: {"ok":true,…} with what the command
/// gives, or {"ok":false,"error":…}.
std::string answer_line(const Commands& commands, const std::string& line);

/// Answers at the control socket of a folder, one command at a time, in a thread of its own.
class ControlServer {
 public:
  /// Throws std::runtime_error when the socket cannot be made.
  ControlServer(const std::filesystem::path& folder, Commands commands);
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  void serve(const std::stop_token& stop);

  std::filesystem::path socket_;
  Commands commands_;
  remote::UniqueFd listener_;
  remote::UniqueFd wake_;
  std::jthread thread_;  ///< last: it uses the members above
};

}  // namespace drover::sandbox
