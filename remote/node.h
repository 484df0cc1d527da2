#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "remote/clock.h"

namespace drover::remote {

/// The reading half of a node. One thread at a time.
class NodeReader {
 public:
  virtual ~NodeReader() = default;
  /// Runs a command with `mutates == false` as root and returns what it said. Connects when needed
  /// and, since reading is repeatable, once more after a lost connection. The command's own timeout
  /// and `stop` bound the wait. A non-zero exit code is a result, not an Error.
  virtual Result<CommandResult> read(const Command& command, std::stop_token stop) = 0;
};

enum class Stream { Out, Err };
/// Receives output as it comes, in order within a stream, on the caller's thread.
using OutputSink = std::function<void(Stream, std::string_view)>;

/// What a node knows of a capsule (remote.md B2).
struct CapsuleState {
  enum class Kind { Absent, Prepared, Running, Done, Lost, Rebooted };
  Kind kind = Kind::Absent;
  std::optional<int> exit_code;  ///< with Done
};

/// The mutating half of a node. One thread at a time.
class NodeWriter {
 public:
  virtual ~NodeWriter() = default;
  /// Runs `command` in the capsule `id` ([A-Za-z0-9._-]+): started at most once for that id
  /// whatever dies (S4), detached, output resumed by offset after each reconnection until the
  /// command's timeout. If the capsule exists already, it is followed, not started. While another
  /// capsule runs on the node this one waits. Of more output than 32 MiB a stream `output` gets the
  /// beginning, and the result the beginning and the end. `stop` abandons
  /// the following and leaves the command running: then, and when the node stays away, the Error is
  /// of kind Unknown or Cancelled and the outcome is still to be asked for.
  virtual Result<CommandResult> run(const std::string& id, const Command& command,
                                    const OutputSink& output, std::stop_token stop) = 0;
  virtual Result<CapsuleState> state(const std::string& id, std::stop_token stop) = 0;
  /// Ends what the capsule runs, all its processes: TERM, and KILL to those left ten seconds later.
  /// Its state then: Done with the exit code; Running where something cannot be killed. One that
  /// does not run stays as it is.
  virtual Result<CapsuleState> cancel(const std::string& id, std::stop_token stop) = 0;
};

/// One file between here and a node. One thread at a time.
class NodeFiles {
 public:
  virtual ~NodeFiles() = default;
  /// Puts the file `local` to the absolute path `remote`, mode 0600 and owned by root: whole, with
  /// the right SHA-256 and on the disk, or not at all. What a lost connection left behind is gone
  /// on with, also by a later call. `timeout` bounds it all.
  virtual Status upload(const std::string& local, const std::string& remote,
                        std::chrono::seconds timeout, std::stop_token stop) = 0;
  /// The same the other way.
  virtual Status download(const std::string& remote, const std::string& local,
                          std::chrono::seconds timeout, std::stop_token stop) = 0;
};

}  // namespace drover::remote
