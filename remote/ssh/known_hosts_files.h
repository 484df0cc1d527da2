#pragma once

#include <sys/stat.h>

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "remote/ssh/known_hosts.h"
#include "remote/ssh/limit.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// The known_hosts files of one process: each is read when it is first asked for, and again when it
/// was changed. Any thread.
class KnownHosts {
 public:
  /// The files of `paths` as they are now.
  std::vector<KnownHostsFile> read(const std::vector<std::string>& paths);

  /// Puts the key that a host showed on record in the first of its files, which is made if there is
  /// none, unless another process or thread did so meanwhile: nothing tells of it then. True when
  /// this call did it. Errors: HostKey when the file cannot be written, or when what is on record
  /// by then does not allow the key; Timeout, Cancelled.
  Result<bool> put_on_record(const SshTarget& target, const HostKey& shown, const Limit& limit);

 private:
  /// What tells one state of a file from another.
  struct Stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    timespec changed;
    bool operator==(const Stamp& other) const;
  };
  struct Kept {
    Stamp stamp;
    KnownHostsFile file;
  };

  KnownHostsFile read_one(const std::string& path);

  std::mutex mutex_;
  std::map<std::string, Kept> kept_;
};

}  // namespace drover::remote
