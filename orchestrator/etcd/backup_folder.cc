#include "orchestrator/etcd/backup_folder.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>

#include "inventory/base/text.h"
#include "orchestrator/state/file_io.h"
#include "plans/etcd/backup_names.h"

namespace drover::orchestrator {
namespace {

constexpr std::uint64_t kSpare = std::uint64_t{16} << 20;

Error file_error(const std::string& path, std::string_view what, int error, std::string remedy) {
  return {.kind = ErrorKind::File,
          .message = fmt::format("{}: {}: {}", sanitise(path), what,
                                 std::generic_category().message(error)),
          .remedy = std::move(remedy)};
}

}  // namespace

Status prepare_backup_folder(const std::string& folder) {
  if (const Status made = make_folders(folder); !made) {
    return Error{.kind = ErrorKind::File,
                 .message = made.error().message,
                 .remedy = "name another folder with --to"};
  }
  if (access(folder.c_str(), W_OK | X_OK) != 0) {
    return file_error(folder, "nothing can be put there", errno, "name another folder with --to");
  }
  return {};
}

Status check_room(const std::string& folder, std::uint64_t bytes) {
  struct statvfs info {};
  if (statvfs(folder.c_str(), &info) != 0) return {};  // writing will tell
  const std::uint64_t free = std::uint64_t{info.f_bavail} * info.f_frsize;
  if (free >= bytes + kSpare) return {};
  return Error{.kind = ErrorKind::File,
               .message = fmt::format("{}: {} bytes are free there, the snapshot needs {}",
                                      sanitise(folder), free, bytes + kSpare),
               .remedy = "make room on this machine, or name another folder with --to"};
}

Result<std::vector<std::string>> files_in(const std::string& folder) {
  std::error_code failed;
  std::vector<std::string> names;
  std::filesystem::directory_iterator each(folder, failed);
  for (; !failed && each != std::filesystem::directory_iterator(); each.increment(failed)) {
    std::error_code unknown;
    const std::string name = each->path().filename().string();
    if (!name.starts_with('.') &&
        each->symlink_status(unknown).type() == std::filesystem::file_type::regular) {
      names.push_back(name);
    }
  }
  if (failed) return file_error(folder, "cannot be listed", failed.value(), "");
  std::sort(names.begin(), names.end());
  return names;
}

void sweep_backup_folder(const std::string& folder, const std::string& cluster) {
  constexpr std::chrono::hours kDead{2};
  constexpr std::string_view kPart = ".part";
  std::error_code ignored;
  for (std::filesystem::directory_iterator each(folder, ignored), end; !ignored && each != end;
       each.increment(ignored)) {
    std::string name = each->path().filename().string();
    if (name.ends_with(kPart)) name.resize(name.size() - kPart.size());
    if (!name.starts_with('.')) continue;
    const auto read = plans::read_backup_name(name.substr(1));
    if (!read || read->cluster != cluster || !each->is_regular_file(ignored)) continue;
    const auto written = each->last_write_time(ignored);
    if (!ignored && std::filesystem::file_time_type::clock::now() - written > kDead) {
      std::filesystem::remove(each->path(), ignored);
    }
  }
}

Status place_file(const std::string& from, const std::string& to) {
  const Fd fd(open(from.c_str(), O_RDONLY | O_CLOEXEC));
  if (!fd.valid() || fsync(fd.get()) != 0) {
    return file_error(from, "cannot be put on the disk", errno, "");
  }
  // Unlike rename(2) it takes nobody's place.
  if (link(from.c_str(), to.c_str()) != 0) {
    if (errno == EEXIST) return file_error(to, "cannot be placed", errno, "try again");
    // A file system without links: nobody else makes this name.
    if (rename(from.c_str(), to.c_str()) != 0) {
      return file_error(to, "cannot be placed", errno, "");
    }
  } else {
    unlink(from.c_str());
  }
  return sync_folder(folder_of(to));
}

}  // namespace drover::orchestrator
