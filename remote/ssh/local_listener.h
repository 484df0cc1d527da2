#pragma once

#include <string>

#include "inventory/base/result.h"
#include "remote/ssh/unique_fd.h"

namespace drover::remote {

/// A listening AF_UNIX socket in a 0700 folder of its own, below XDG_RUNTIME_DIR or /tmp. Both go
/// with the object.
class LocalListener {
 public:
  LocalListener() = default;
  ~LocalListener() { close(); }
  LocalListener(const LocalListener&) = delete;
  LocalListener& operator=(const LocalListener&) = delete;

  /// State when no folder can be made.
  Status open();
  /// The next waiting connection, non-blocking, or an empty descriptor. Those of other processes
  /// are closed at once.
  UniqueFd accept();
  void close();

  int fd() const { return fd_.get(); }
  const std::string& path() const { return path_; }

 private:
  std::string folder_;
  std::string path_;
  UniqueFd fd_;
};

}  // namespace drover::remote
