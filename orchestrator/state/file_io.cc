#include "orchestrator/state/file_io.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>

namespace drover::orchestrator {

Fd::~Fd() {
  if (fd_ >= 0) ::close(fd_);
}

Error io_error(std::string_view what, const std::string& path) {
  const int cause = errno;
  Error error;
  error.kind = ErrorKind::State;
  error.message = fmt::format("cannot {} {}: {}", what, path, std::strerror(cause));
  if (cause == ENOSPC || cause == EDQUOT || cause == EFBIG) {
    error.remedy = "free some space there, or name another folder with --state-dir";
  } else if (cause == EACCES || cause == EPERM || cause == EROFS) {
    error.remedy = "make it writable for you, or name another folder with --state-dir";
  }
  return error;
}

Status write_all(int fd, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return io_error("write", path);
    text.remove_prefix(static_cast<size_t>(written));
  }
  return {};
}

Result<std::string> read_file(const std::string& path, bool& missing) {
  missing = false;
  const Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() && errno == ENOENT) {
    missing = true;
    return std::string();
  }
  if (!fd.valid()) return io_error("open", path);
  std::string text;
  std::array<char, 65536> chunk;
  while (true) {
    const ssize_t got = ::read(fd.get(), chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return io_error("read", path);
    if (got == 0) return text;
    text.append(chunk.data(), static_cast<size_t>(got));
  }
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::vector<std::string>> list_folders(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> names;
  for (std::filesystem::directory_iterator entry(folder, failed), end; !failed && entry != end;
       entry.increment(failed)) {
    if (entry->is_directory(failed)) names.push_back(entry->path().filename().string());
  }
  if (!failed || failed == std::errc::no_such_file_or_directory) return names;
  errno = failed.value();
  return io_error("list", folder);
}

Status sync_folder(const std::string& folder) {
  const Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!fd.valid()) return io_error("open folder", folder);
  if (::fsync(fd.get()) != 0) return io_error("sync folder", folder);
  return {};
}

Status make_folders(const std::string& folder) {
  struct stat info {};
  if (::stat(folder.c_str(), &info) == 0) {
    if (S_ISDIR(info.st_mode)) return {};
    errno = ENOTDIR;
    return io_error("make folder", folder);
  }
  const std::string above = folder_of(folder);
  if (above != folder) DROVER_TRY(make_folders(above));
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST) return io_error("make folder", folder);
  return sync_folder(above);
}

Status replace_file(const std::string& path, std::string_view text) {
  const std::string temporary = fmt::format("{}.tmp{}", path, ::getpid());
  const auto write_temporary = [&]() -> Status {
    const Fd fd(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd.valid()) return io_error("create", temporary);
    DROVER_TRY(write_all(fd.get(), text, path));
    if (::fsync(fd.get()) != 0) return io_error("sync", path);
    return {};
  };
  Status written = write_temporary();
  if (written && ::rename(temporary.c_str(), path.c_str()) != 0) {
    written = io_error("rename to", path);
  }
  if (!written) {
    ::unlink(temporary.c_str());
    return written;
  }
  return sync_folder(folder_of(path));
}

}  // namespace drover::orchestrator
