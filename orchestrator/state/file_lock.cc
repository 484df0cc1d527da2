#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>

#include "inventory/base/text.h"
#include "orchestrator/state/state_folder.h"

namespace drover::orchestrator {
namespace {

Error locked(const std::string& path) {
  bool missing = false;
  const Result<std::string> text = read_file(path, missing);
  const std::string holder = text ? sanitise(trim(*text)) : "";
  Error error;
  error.kind = ErrorKind::Locked;
  error.message = fmt::format("{} is locked by {}", path,
                              holder.empty() ? std::string("another process") : holder);
  error.remedy = "wait for that run to end, or stop it with Ctrl-C; its lock ends with its process";
  return error;
}

}  // namespace

Result<FileLock> FileLock::take(const std::string& path, const std::string& holder) {
  Fd fd(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!fd.valid()) return io_error("open", path);
  while (::flock(fd.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno == EWOULDBLOCK) return locked(path);
    if (errno != EINTR) return io_error("lock", path);
  }
  if (::ftruncate(fd.get(), 0) != 0) return io_error("write", path);
  DROVER_TRY(write_all(fd.get(), holder + '\n', path));
  return FileLock(std::move(fd));
}

}  // namespace drover::orchestrator
