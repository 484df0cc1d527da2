#pragma once

#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/state/file_io.h"
#include "remote/clock.h"

namespace drover::orchestrator {

/// `--state-dir`, else $XDG_STATE_HOME/drover, else ~/.local/state/drover.
std::string default_state_dir();

/// YYYYMMDDTHHMMSSZ-xxxx: the wall clock and four random hexadecimal digits. Ids tell which run is
/// the newer one, so that it is made later than all those in `state_dir`, whatever the clock says.
std::string new_run_id(remote::WallTime now, const std::string& state_dir);

/// A run that began a step and did not succeed.
struct LeftRun {
  std::string id;
  bool can_go_on = true;  ///< it was not cancelled
};

/// Such runs of `cluster`, newest first, back to the last upgrade that succeeded and without node
/// commands that a later one has made good: what they left behind is ours to put right (S10). Reads
/// only; without a state folder, none.
Result<std::vector<LeftRun>> left_runs(const std::string& state_dir, const std::string& cluster);

/// A lock on this machine: an flock'ed file. Held as long as the object lives; freed by the kernel
/// when the process dies, so that no lock is ever stale.
class FileLock {
 public:
  /// `holder` is what others are told: run id, host and pid. A Locked error names the holder when
  /// another process has it.
  static Result<FileLock> take(const std::string& path, const std::string& holder);

 private:
  explicit FileLock(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// <state-dir>/<cluster>: the lock file, the cluster's UID, runs/<run>/... (design 1.4). Folders
/// are made 0700, files 0600.
class StateFolder {
 public:
  /// Makes the folder. Refuses (File) a cluster name whose folder belongs to another cluster UID.
  static Result<StateFolder> open(const std::string& state_dir, const std::string& cluster,
                                  const std::string& cluster_uid);
  std::string lock_path() const;
  std::string run_path(const std::string& run) const;
  /// Makes a run's folder; there must be none of that name.
  Status make_run(const std::string& run) const;
  /// Atomic and durable: temporary file, fsync, rename, fsync of the folder. `name` may have
  /// folders.
  Status write(const std::string& run, const std::string& name, const std::string& text) const;

 private:
  explicit StateFolder(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

}  // namespace drover::orchestrator
