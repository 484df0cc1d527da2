#include "remote/ssh/known_hosts_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "remote/ssh/errno_text.h"
#include "remote/ssh/host_key.h"
#include "remote/ssh/known_hosts_index.h"
#include "remote/ssh/unique_fd.h"
#include "remote/ssh/wake.h"

namespace drover::remote {
namespace {

constexpr std::chrono::milliseconds kLockSlice{20};

/// The whole file, or errno.
bool read_text(int fd, std::string& text) {
  char portion[65536];
  for (;;) {
    const ssize_t got = read(fd, portion, sizeof portion);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return got == 0;
    text.append(portion, static_cast<size_t>(got));
  }
}

Error unwritable(const SshTarget& target, const std::string& path, const std::string& why) {
  return target_error(
      target, ErrorKind::HostKey,
      fmt::format("its host key is new and cannot be put on record: {}: {}", path, why),
      "make the file writable, or name another one first in ssh.known_hosts");
}

/// The folder of a file in the home of its user is nobody else's.
Status make_folder(const SshTarget& target, const std::string& path) {
  const std::filesystem::path folder = std::filesystem::path(path).parent_path();
  std::error_code code;
  std::filesystem::create_directories(folder.parent_path(), code);
  if (mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) {
    return unwritable(target, path, errno_text());
  }
  return {};
}

/// Waits for its turn: the lock has no deadline of its own.
Status lock_file(const SshTarget& target, const std::string& path, int fd, const Limit& limit) {
  const Wake wake;
  const std::stop_callback on_stop(limit.stop, [&wake] { wake.signal(); });
  while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return unwritable(target, path, errno_text());
    const std::string waiting =
        fmt::format("the time was up while waiting for the lock of {}", path);
    if (limit.stop.stop_requested()) {
      return target_error(target, ErrorKind::Cancelled, "cancelled while recording its host key");
    }
    if (std::chrono::steady_clock::now() >= limit.deadline) {
      return target_error(target, ErrorKind::Timeout, waiting, "end the program that holds it");
    }
    pollfd polled{wake.fd(), POLLIN, 0};
    poll(&polled, 1, static_cast<int>(kLockSlice.count()));
  }
  return {};
}

/// True while the file under this path is the one that is open.
bool is_at(int fd, const std::string& path) {
  struct stat open_file {};
  struct stat named {};
  return fstat(fd, &open_file) == 0 && stat(path.c_str(), &named) == 0 &&
         open_file.st_dev == named.st_dev && open_file.st_ino == named.st_ino;
}

/// The file, locked, and still the one with this name: some programs put a new one in its place.
Result<UniqueFd> open_locked(const SshTarget& target, const std::string& path, const Limit& limit) {
  DROVER_TRY(make_folder(target, path));
  for (;;) {
    UniqueFd fd(open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (fd.get() < 0) return unwritable(target, path, errno_text());
    DROVER_TRY(lock_file(target, path, fd.get(), limit));
    if (is_at(fd.get(), path)) return fd;
  }
}

std::string raw(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string hidden(const std::string& name) {
  const std::string salt = raw(random_hex(20));
  return fmt::format("|1|{}|{}", base64_encode(salt), base64_encode(hmac_sha1(salt, name)));
}

/// In one write, and whole or not at all.
Status append(const SshTarget& target, const std::string& path, int fd, const std::string& line) {
  struct stat info {};
  if (fstat(fd, &info) != 0) return unwritable(target, path, errno_text());
  char last = '\n';
  if (info.st_size > 0 && pread(fd, &last, 1, info.st_size - 1) != 1) {
    return unwritable(target, path, errno_text());
  }
  const std::string text = (last == '\n' ? "" : "\n") + line + "\n";
  errno = ENOSPC;
  if (write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size())) return {};
  const std::string why = errno_text();
  if (ftruncate(fd, info.st_size) != 0) return unwritable(target, path, why + "; now damaged");
  return unwritable(target, path, why);
}

}  // namespace

bool KnownHosts::Stamp::operator==(const Stamp& other) const {
  return device == other.device && inode == other.inode && size == other.size &&
         changed.tv_sec == other.changed.tv_sec && changed.tv_nsec == other.changed.tv_nsec;
}

KnownHostsFile KnownHosts::read_one(const std::string& path) {
  const UniqueFd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info {};
  if (fd.get() < 0 || fstat(fd.get(), &info) != 0) return {path, "", errno_text()};
  const Stamp stamp{info.st_dev, info.st_ino, info.st_size, info.st_mtim};
  const std::lock_guard lock(mutex_);
  const auto kept = kept_.find(path);
  if (kept != kept_.end() && kept->second.stamp == stamp) return kept->second.file;
  std::string text;
  if (!read_text(fd.get(), text)) return {path, "", errno_text()};
  KnownHostsFile file(path, std::move(text));
  kept_.insert_or_assign(path, Kept{stamp, file});
  return file;
}

std::vector<KnownHostsFile> KnownHosts::read(const std::vector<std::string>& paths) {
  std::vector<KnownHostsFile> files;
  for (const std::string& path : paths) files.push_back(read_one(path));
  return files;
}

Result<bool> KnownHosts::put_on_record(const SshTarget& target, const HostKey& shown,
                                       const Limit& limit) {
  if (target.known_hosts_files.empty()) return unwritable(target, "ssh.known_hosts", "no file");
  const std::string& path = target.known_hosts_files.front();
  DROVER_TRY_ASSIGN(const UniqueFd fd, open_locked(target, path, limit));
  const std::vector<KnownHostsFile> files = read(target.known_hosts_files);
  const HostKeyVerdict verdict = judge_host_key(files, target.address, target.port, shown);
  if (verdict.kind != HostKeyVerdict::Kind::Unknown) {
    DROVER_TRY(check_host_key(target, files, shown));
    return false;
  }
  const std::string name = known_hosts_name(target.address, target.port);
  DROVER_TRY(
      append(target, path, fd.get(),
             fmt::format("{} {} {}", files.front().lines->hides_names() ? hidden(name) : name,
                         shown.type, base64_encode(shown.blob))));
  return true;
}

}  // namespace drover::remote
