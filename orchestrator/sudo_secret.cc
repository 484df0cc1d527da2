#include "orchestrator/sudo_secret.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "remote/ssh/unique_fd.h"

namespace drover::orchestrator {
namespace {

constexpr size_t kLongest = 1024;

Error no_password(const std::string& message, std::string remedy) {
  return {.kind = ErrorKind::Sudo, .message = message, .remedy = std::move(remedy)};
}

std::string reason() { return std::generic_category().message(errno); }

Result<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value != nullptr && *value != '\0') return std::string(value);
  return no_password(
      fmt::format("sudo.password.env: the environment variable {} is {}", name,
                  value == nullptr ? "not set" : "empty"),
      fmt::format("set it for this command, without leaving the password in the shell's history: "
                  "read -rs {0} && export {0}",
                  name));
}

/// All of it; longer than any password when there is more.
Result<std::string> read_all(int fd, const std::string& path) {
  std::string text(kLongest + 3, '\0');
  size_t size = 0;
  for (;;) {
    const ssize_t got = read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return no_password(fmt::format("sudo.password.file: {}: {}", path, reason()),
                         "name a file that can be read");
    }
    size += static_cast<size_t>(got);
    if (got == 0 || size == text.size()) break;
  }
  text.resize(size);
  return text;
}

Result<std::string> from_file(const std::string& path) {
  const auto wrong = [&](const std::string& what, std::string remedy) {
    return no_password(fmt::format("sudo.password.file: {}: {}", path, what), std::move(remedy));
  };
  const remote::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (fd.get() < 0 || fstat(fd.get(), &info) != 0) {
    return wrong(reason(), "name a file that you can read");
  }
  if (!S_ISREG(info.st_mode)) return wrong("is not a file", "name a file with the password in it");
  if ((info.st_mode & 077) != 0) {
    return wrong(fmt::format("others than its owner have access to it (mode {:04o})",
                             static_cast<unsigned>(info.st_mode & 07777)),
                 fmt::format("chmod 600 {}", path));
  }
  DROVER_TRY_ASSIGN(std::string text, read_all(fd.get(), path));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return wrong("is empty", "write the password into it, as its only line");
  return text;
}

}  // namespace

Result<std::shared_ptr<remote::SudoPassword>> read_sudo_password(const Inventory& inventory) {
  const SudoSettings& sudo = inventory.sudo;
  const bool wanted =
      std::any_of(inventory.hosts.begin(), inventory.hosts.end(),
                  [&](const Host& host) { return uses_sudo(sudo.method, host.ssh.user); });
  if (!wanted || !sudo.has_password()) return std::shared_ptr<remote::SudoPassword>();
  const bool env = !sudo.password_env.empty();
  const std::string source =
      env ? "the environment variable " + sudo.password_env : sudo.password_file;
  DROVER_TRY_ASSIGN(std::string text,
                    env ? from_environment(sudo.password_env) : from_file(sudo.password_file));
  if (text.size() > kLongest ||
      text.find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos) {
    remote::wipe(text);
    return no_password(fmt::format("the password in {} is not one line", source),
                       fmt::format("a password is one line of at most {} characters", kLongest));
  }
  return std::make_shared<remote::SudoPassword>(std::move(text), source);
}

}  // namespace drover::orchestrator
