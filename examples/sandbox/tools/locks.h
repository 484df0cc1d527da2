#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

/// The locks of apt and dpkg: fcntl locks on files that are always there, so that anybody may hold
/// one.
namespace drover::sandbox {

/// Who holds a lock that was wanted.
struct LockHolder {
  pid_t pid = 0;  ///< 0: a process that is not seen from here
  std::string name;
};

/// Holds a lock as long as it lives.
class FileLock {
 public:
  explicit FileLock(std::string path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  /// Takes it, or says who has it.
  std::optional<LockHolder> take();
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  int file_;
};

/// Takes dpkg's frontend lock as apt does: waits up to `patience` seconds of the clock
/// (DPkg::Lock::Timeout) and tells so, then ends the call with apt's words.
void take_frontend_lock(FileLock& lock, double patience);

/// Takes the lock of a folder of lists or archives; ends the call with apt's words when somebody
/// has it.
void take_folder_lock(FileLock& lock);

/// Takes the frontend lock as dpkg does: at once, or the call ends with dpkg's words.
void take_dpkg_lock(FileLock& lock);

inline constexpr const char* kFrontendLock = "/var/lib/dpkg/lock-frontend";

}  // namespace drover::sandbox
