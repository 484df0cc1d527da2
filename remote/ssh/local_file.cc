#include "remote/ssh/local_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>
#include <utility>

#include "inventory/base/digest.h"

namespace drover::remote {
namespace {

constexpr std::size_t kPiece = std::size_t{1} << 20;

Error file_error(const std::string& path, const char* doing, int error) {
  return {.kind = ErrorKind::File,
          .message = fmt::format("{}: cannot be {}: {}", path, doing,
                                 std::generic_category().message(error)),
          .remedy = error == ENOSPC ? "make room on this machine's disk" : ""};
}

Result<UniqueFd> open_file(const std::string& path, int flags, const char* doing) {
  UniqueFd fd(::open(path.c_str(), flags | O_CLOEXEC, 0600));
  if (fd.get() < 0) return file_error(path, doing, errno);
  return fd;
}

}  // namespace

Error LocalFile::failed(const char* doing) const { return file_error(path_, doing, errno); }

Result<LocalFile> LocalFile::open_to_read(const std::string& path) {
  DROVER_TRY_ASSIGN(UniqueFd fd, open_file(path, O_RDONLY, "read"));
  return LocalFile(path, std::move(fd));
}

Result<LocalFile> LocalFile::open_to_go_on(const std::string& path) {
  DROVER_TRY_ASSIGN(UniqueFd fd, open_file(path, O_RDWR | O_CREAT | O_APPEND, "written"));
  return LocalFile(path, std::move(fd));
}

Result<std::uint64_t> LocalFile::size() const {
  struct stat info {};
  if (fstat(fd_.get(), &info) != 0) return failed("read");
  return static_cast<std::uint64_t>(info.st_size);
}

Result<std::string> LocalFile::read(std::uint64_t offset, std::size_t most) const {
  std::string bytes(most, '\0');
  std::size_t have = 0;
  while (have < most) {
    const ssize_t got =
        pread(fd_.get(), bytes.data() + have, most - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return failed("read");
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  bytes.resize(have);
  return bytes;
}

Status LocalFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd_.get(), bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return failed("written");
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return {};
}

Status LocalFile::cut(std::uint64_t size) {
  if (ftruncate(fd_.get(), static_cast<off_t>(size)) != 0) return failed("cut");
  return {};
}

Result<std::string> LocalFile::sha256(std::uint64_t size) const {
  Sha256 digest;
  for (std::uint64_t at = 0; at < size;) {
    DROVER_TRY_ASSIGN(
        const std::string piece,
        read(at, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, size - at))));
    if (piece.empty()) break;
    digest.add(piece);
    at += piece.size();
  }
  return digest.hex();
}

Status LocalFile::move_to(const std::string& path) {
  if (fsync(fd_.get()) != 0) return failed("put on the disk");
  if (rename(path_.c_str(), path.c_str()) != 0) return failed("moved to its place");
  const std::string folder = std::filesystem::path(path).parent_path().string();
  DROVER_TRY_ASSIGN(const UniqueFd fd,
                    open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY, "opened"));
  if (fsync(fd.get()) != 0) return failed("put on the disk");
  return {};
}

}  // namespace drover::remote
