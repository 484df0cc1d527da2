#include "remote/ssh/root.h"

#include <fmt/format.h>

#include "inventory/base/text.h"

namespace drover::remote {
namespace {

/// The last line says most: start-up files print before sudo does.
std::string last_line(const std::string& text) {
  std::string last;
  for (const std::string& line : split_lines(text)) {
    if (!trim(line).empty()) last = std::string(trim(line));
  }
  return sanitise(last);
}

std::string exit_text(const Exit& exit) {
  if (exit.code) return fmt::format("exit code {}", *exit.code);
  return exit.signal.empty() ? "no exit code" : "signal " + exit.signal;
}

}  // namespace

std::string root_shell(const std::string& user) {
  return user == "root" ? "exec sh" : "exec sudo -n sh";
}

Error no_root_shell(const SshTarget& target, const Exit& exit, const FramedOutput& output) {
  std::string cause = last_line(output.noise(Stream::Err));
  if (cause.empty()) cause = last_line(output.noise(Stream::Out));
  if (cause.empty()) cause = exit_text(exit);
  Error error;
  if (target.user == "root") {
    error = target_error(target, ErrorKind::Authentication,
                         fmt::format("the login as root runs no commands: {}", cause),
                         "give root a login shell that runs commands");
  } else {
    error = target_error(
        target, ErrorKind::Sudo, fmt::format("sudo refuses {}: {}", target.user, cause),
        fmt::format(
            "allow it without a password (in sudoers: {} ALL=(ALL) NOPASSWD: ALL), or log in "
            "as root; a sudo password is not supported yet",
            target.user));
  }
  error.detail = output.noise(Stream::Out) + output.noise(Stream::Err);
  return error;
}

}  // namespace drover::remote
