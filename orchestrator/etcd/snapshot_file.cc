#include "orchestrator/etcd/snapshot_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "orchestrator/etcd/bolt_file.h"
#include "orchestrator/state/file_io.h"

namespace drover::orchestrator {
namespace {

constexpr std::uint64_t kPage = 512;  // what precedes the checksum is a multiple of it
constexpr std::uint64_t kChecksum = 32;
constexpr std::size_t kPiece = std::size_t{1} << 20;

Error wrong(const std::string& path, const std::string& how, const std::string& remedy) {
  return {.kind = ErrorKind::File,
          .message = fmt::format("{}: {}", sanitise(path), how),
          .remedy = remedy};
}

Error unreadable(const std::string& path, int error) {
  return wrong(path, fmt::format("cannot be read: {}", std::generic_category().message(error)),
               error == EACCES ? "snapshots hold all secrets of the cluster and are for one user "
                                 "only: read it as its owner"
                               : "");
}

Status check_size(const std::string& path, std::uint64_t bytes) {
  if (bytes == 0) {
    return wrong(path, "it is empty", "the disk was full, or saving was broken off: take another");
  }
  if (bytes % kPage == kChecksum && bytes > kChecksum) return {};
  if (bytes % kPage == 0) {
    return wrong(path,
                 fmt::format("it has no checksum at its end ({} bytes): it was cut off, or copied "
                             "from etcd's data folder instead of saved",
                             bytes),
                 "only what `drover etcd backup` or `etcdctl snapshot save` wrote can be verified");
  }
  return wrong(path,
               fmt::format("{} bytes are not the size of a snapshot, which is a multiple of {} and "
                           "{} more: it was cut off, or is none",
                           bytes, kPage, kChecksum),
               "fetch it again, or take another");
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

/// Reads up to `most` bytes; fewer only at the end of the file.
Result<std::string> read_piece(int fd, std::size_t most, const std::string& path) {
  std::string piece(most, '\0');
  std::size_t have = 0;
  while (have < most) {
    const ssize_t got = read(fd, piece.data() + have, most - have);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(path, errno);
    if (got == 0) break;
    have += static_cast<std::size_t>(got);
  }
  piece.resize(have);
  return piece;
}

struct Sums {
  std::string of_data;  ///< all but the checksum
  std::string wanted;   ///< what the checksum says
  std::string of_file;
};

Result<Sums> sum_up(int fd, std::uint64_t bytes, const std::string& path, std::stop_token stop) {
  Sha256 data;
  Sha256 file;
  for (std::uint64_t left = bytes - kChecksum; left > 0;) {
    if (stop.stop_requested()) {
      return Error{.kind = ErrorKind::Cancelled,
                   .message = fmt::format("{}: not read to its end", sanitise(path))};
    }
    DROVER_TRY_ASSIGN(
        const std::string piece,
        read_piece(fd, static_cast<std::size_t>(std::min<std::uint64_t>(kPiece, left)), path));
    if (piece.empty()) break;
    data.add(piece);
    file.add(piece);
    left -= piece.size();
  }
  DROVER_TRY_ASSIGN(const std::string tail, read_piece(fd, kChecksum, path));
  file.add(tail);
  return Sums{data.hex(), hex(tail), file.hex()};
}

}  // namespace

Result<Snapshot> verify_snapshot(const std::string& path, std::stop_token stop) {
  // A pipe that nobody writes to must not keep anybody waiting.
  const Fd fd(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (!fd.valid()) return unreadable(path, errno);
  struct stat info {};
  if (fstat(fd.get(), &info) != 0) return unreadable(path, errno);
  if (S_ISDIR(info.st_mode)) {
    return wrong(path, "it is a folder, not a snapshot", "`drover etcd list` shows what is in it");
  }
  if (!S_ISREG(info.st_mode)) return wrong(path, "it is not a regular file", "");
  const auto bytes = static_cast<std::uint64_t>(info.st_size);
  DROVER_TRY(check_size(path, bytes));
  DROVER_TRY_ASSIGN(const Sums sums, sum_up(fd.get(), bytes, path, std::move(stop)));
  if (sums.of_data != sums.wanted) {
    const bool database = is_database(fd.get(), bytes - kChecksum);
    return wrong(path,
                 database ? "it does not match the checksum at its end: it is damaged"
                          : "it is no snapshot of etcd, or damaged at its beginning: that is not a "
                            "snapshot's, and the checksum at its end does not match",
                 "do not restore it: take another one");
  }
  const auto revision = newest_revision(fd.get(), bytes - kChecksum);
  if (!revision) return wrong(path, revision.error().message, "it is no snapshot of etcd");
  return Snapshot{.bytes = bytes, .sha256 = sums.of_file, .revision = *revision};
}

}  // namespace drover::orchestrator
