#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "inventory/base/result.h"

/// The few POSIX calls behind the state folder, as Results. All errors are of kind State and name
/// the path and the system's reason.
namespace drover::orchestrator {

/// A file descriptor that is closed with its owner.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd();

  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

/// A State error out of errno: "cannot <what> <path>: <reason>".
Error io_error(std::string_view what, const std::string& path);

/// Writes all of `text`; a partial write may remain after an error.
Status write_all(int fd, std::string_view text, const std::string& path);

/// The whole file. `missing` is set, and "" returned, when there is no such file.
Result<std::string> read_file(const std::string& path, bool& missing);

/// The names of the folders in `folder`; none when there is no such folder.
Result<std::vector<std::string>> list_folders(const std::string& folder);

/// Makes the names in a folder durable.
Status sync_folder(const std::string& folder);

/// Makes `folder` and what is missing above it, 0700, durably.
Status make_folders(const std::string& folder);

/// Atomic and durable, 0600: temporary file, fsync, rename, fsync of the folder.
Status replace_file(const std::string& path, std::string_view text);

/// The part of a path before its last slash.
std::string folder_of(const std::string& path);

}  // namespace drover::orchestrator
