#include "orchestrator/secrets/obtain.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include "orchestrator/secrets/command_line.h"
#include "orchestrator/secrets/terminal.h"
#include "remote/secret.h"
#include "remote/ssh/unique_fd.h"

namespace drover::orchestrator {
namespace {

constexpr size_t kLongest = 1024;
constexpr std::chrono::seconds kCommandPatience{60};
constexpr std::chrono::minutes kAnswerPatience{5};

std::string reason() { return std::generic_category().message(errno); }

Error no_secret(const std::string& message, std::string remedy) {
  return {.kind = ErrorKind::Authentication, .message = message, .remedy = std::move(remedy)};
}

Result<std::string> from_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value != nullptr && *value != '\0') return std::string(value);
  return no_secret(
      fmt::format("the environment variable {} is {}", name,
                  value == nullptr ? "not set" : "empty"),
      fmt::format("set it for this command, without leaving the secret in the shell's history: "
                  "read -rs {0} && export {0}",
                  name));
}

/// All of it; longer than any secret when there is more.
Result<std::string> read_all(int fd, const std::string& path) {
  std::string text(kLongest + 3, '\0');
  size_t size = 0;
  for (;;) {
    const ssize_t got = read(fd, text.data() + size, text.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      return no_secret(fmt::format("{}: {}", path, reason()), "name a file that can be read");
    size += static_cast<size_t>(got);
    if (got == 0 || size == text.size()) break;
  }
  text.resize(size);
  return text;
}

Result<std::string> from_file(const std::string& path) {
  const auto wrong = [&](const std::string& what, std::string remedy) {
    return no_secret(fmt::format("{}: {}", path, what), std::move(remedy));
  };
  const remote::UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (fd.get() < 0 || fstat(fd.get(), &info) != 0) {
    return wrong(reason(), "name a file that you can read");
  }
  if (!S_ISREG(info.st_mode)) return wrong("is not a file", "name a file with the secret in it");
  if ((info.st_mode & 077) != 0) {
    return wrong(fmt::format("others than its owner have access to it (mode {:04o})",
                             static_cast<unsigned>(info.st_mode & 07777)),
                 fmt::format("chmod 600 {}", path));
  }
  DROVER_TRY_ASSIGN(std::string text, read_all(fd.get(), path));
  if (!text.empty() && text.back() == '\n') text.pop_back();
  if (!text.empty() && text.back() == '\r') text.pop_back();
  if (text.empty()) return wrong("is empty", "write the secret into it, as its only line");
  return text;
}

Result<std::string> read_source(const SecretSource& source, const std::string& question,
                                const std::stop_token& stop) {
  const auto now = std::chrono::steady_clock::now();
  switch (source.kind) {
    case SecretSource::Kind::Env:
      return from_environment(source.name);
    case SecretSource::Kind::File:
      return from_file(source.name);
    case SecretSource::Kind::Command:
      return first_line_of(source.command, {now + kCommandPatience, stop});
    case SecretSource::Kind::Prompt:
      return ask_on_terminal(question, {now + kAnswerPatience, stop});
    case SecretSource::Kind::None:
      break;
  }
  return no_secret("no secret is named", "name one");
}

}  // namespace

Result<std::string> obtain(const SecretSource& source, const std::string& question, ErrorKind kind,
                           std::stop_token stop) {
  auto text = read_source(source, question, stop);
  if (text && (text->size() > kLongest ||
               text->find_first_of(std::string_view("\n\r\0", 3)) != std::string::npos)) {
    remote::wipe(*text);
    text = no_secret(fmt::format("what {} gives is not one line", origin(source)),
                     fmt::format("a secret is one line of at most {} characters", kLongest));
  }
  if (text) return text;
  Error error = text.error();
  if (error.kind != ErrorKind::Cancelled) error.kind = kind;
  error.message = fmt::format("{}: {}", source.key, error.message);
  return error;
}

}  // namespace drover::orchestrator
