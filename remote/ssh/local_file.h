#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/ssh/unique_fd.h"

namespace drover::remote {

/// A file of this machine that is read or written in pieces. Errors are of kind File and name it.
class LocalFile {
 public:
  static Result<LocalFile> open_to_read(const std::string& path);
  /// Made with mode 0600 if it is not there.
  static Result<LocalFile> open_to_go_on(const std::string& path);

  Result<std::uint64_t> size() const;
  /// Up to `most` bytes from `offset`; fewer only at the end.
  Result<std::string> read(std::uint64_t offset, std::size_t most) const;
  Status append(std::string_view bytes);
  Status cut(std::uint64_t size);
  /// SHA-256 of its first `size` bytes.
  Result<std::string> sha256(std::uint64_t size) const;
  /// Puts it on the disk and, in one go, in the place of `path`.
  Status move_to(const std::string& path);

 private:
  LocalFile(std::string path, UniqueFd fd) : path_(std::move(path)), fd_(std::move(fd)) {}
  Error failed(const char* doing) const;

  std::string path_;
  UniqueFd fd_;
};

}  // namespace drover::remote
