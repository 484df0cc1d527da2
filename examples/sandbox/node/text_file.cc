#include "examples/sandbox/node/text_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "examples/sandbox/node/child.h"
#include "remote/ssh/unique_fd.h"

namespace drover::sandbox {
namespace {

[[noreturn]] void fail(const char* what, const std::filesystem::path& path) {
  throw std::runtime_error(
      fmt::format("cannot {} {}: {}", what, path.string(), std::strerror(errno)));
}

remote::UniqueFd open_to_write(const std::filesystem::path& path, int flags) {
  constexpr mode_t kMode = 0644;
  remote::UniqueFd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | flags, kMode));
  if (fd.get() < 0) fail("open", path);
  return fd;
}

void write_all(int fd, const std::string& text, const std::filesystem::path& path) {
  for (size_t done = 0; done < text.size();) {
    const ssize_t count = ::write(fd, text.data() + done, text.size() - done);
    if (count < 0 && errno != EINTR) fail("write", path);
    if (count > 0) done += static_cast<size_t>(count);
  }
}

}  // namespace

std::string read_text(const std::filesystem::path& path) {
  const remote::UniqueFd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (fd.get() < 0 && errno == ENOENT) return "";
  if (fd.get() < 0) fail("read", path);
  return read_all(fd.get());
}

void write_text(const std::filesystem::path& path, const std::string& text) {
  write_all(open_to_write(path, O_TRUNC).get(), text, path);
}

void append_text(const std::filesystem::path& path, const std::string& text) {
  write_all(open_to_write(path, O_APPEND).get(), text, path);
}

}  // namespace drover::sandbox
