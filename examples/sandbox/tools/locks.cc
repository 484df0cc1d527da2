#include "examples/sandbox/tools/locks.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "examples/sandbox/tools/call.h"
#include "examples/sandbox/tools/node_files.h"
#include "examples/sandbox/tools/pace.h"
#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

struct flock whole_file() {
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

std::string could_not_get(const std::string& path, const LockHolder& holder) {
  const std::string who = holder.name.empty()
                              ? fmt::format("process {}", holder.pid)
                              : fmt::format("process {} ({})", holder.pid, holder.name);
  return fmt::format("Could not get lock {}. It is held by {}", path, who);
}

}  // namespace

FileLock::FileLock(std::string path) : path_(std::move(path)) {
  std::error_code not_made;  // then it cannot be opened either
  std::filesystem::create_directories(std::filesystem::path(path_).parent_path(), not_made);
  file_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file_ < 0) throw_errno(path_);
}

FileLock::~FileLock() { close(file_); }

std::optional<LockHolder> FileLock::take() {
  struct flock lock = whole_file();
  if (fcntl(file_, F_SETLK, &lock) == 0) return std::nullopt;
  lock = whole_file();
  LockHolder holder;
  if (fcntl(file_, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK) holder.pid = lock.l_pid;
  if (holder.pid > 0) holder.name = read_word(fmt::format("/proc/{}/comm", holder.pid));
  return holder;
}

void take_frontend_lock(FileLock& lock, double patience) {
  const double end = now() + patience;
  std::string told;
  while (const auto holder = lock.take()) {
    if (now() >= end) {
      if (patience <= 0) err(fmt::format("E: {}\n", could_not_get(lock.path(), *holder)));
      fail(fmt::format(
               "E: Unable to acquire the dpkg frontend lock ({}), is another process using it?",
               lock.path()),
           100);
    }
    const std::string wait =
        fmt::format("Waiting for cache lock: {}...\n", could_not_get(lock.path(), *holder));
    if (wait != told) out(wait);
    told = wait;
    wait_a_moment();
  }
}

void take_folder_lock(FileLock& lock) {
  const auto holder = lock.take();
  if (!holder) return;
  const std::string folder = std::filesystem::path(lock.path()).parent_path().string() + '/';
  err(fmt::format("E: {}\n", could_not_get(lock.path(), *holder)));
  fail(fmt::format("E: Unable to lock directory {}", folder), 100);
}

void take_dpkg_lock(FileLock& lock) {
  const auto holder = lock.take();
  if (!holder) return;
  err(
      fmt::format("dpkg: error: dpkg frontend lock was locked by another process with pid {}\n"
                  "Note: removing the lock file is always wrong, can damage the locked area\n"
                  "and the entire system. See <https://wiki.debian.org/Teams/Dpkg/FAQ#db-lock>.\n",
                  holder->pid));
  throw Exit{2};
}

}  // namespace drover::sandbox
