#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/inventory.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/lock/lease_age.h"
#include "orchestrator/state/journal.h"
#include "remote/clock.h"
#include "remote/node.h"

namespace drover::orchestrator {

/// What a command left on one node.
struct ExecResult {
  std::string host;
  CommandResult result;        ///< with an exit code, unless there is an error
  std::optional<Error> error;  ///< it was not run, or its outcome is not known
};

/// The exit code of `node exec`: that of the worst node. What kept Drover from running it counts
/// for more than any exit code of the command's own.
int worst_exit_code(const std::vector<ExecResult>& results);

/// One command on several nodes at once, in a capsule on each (S4): started at most once, detached,
/// and followed over lost connections. No run: nothing is resumed, and when this process is killed
/// the command goes on.
class ExecRun {
 public:
  using NodeOf = std::function<std::shared_ptr<remote::NodeWriter>(const std::string& host)>;
  /// Output as it comes, from the threads of several nodes.
  using Output = std::function<void(const std::string& host, remote::Stream, std::string_view)>;
  /// Something that the operator should know. Any thread.
  using Tell = std::function<void(const std::string& text)>;

  struct Parts {
    NodeOf node;
    Journal& journal;  ///< intents and outcomes (S4)
    Mailbox& mailbox;  ///< where signals and the lease's keeper post
    Output output;
    Tell tell;
  };
  /// `id`: of this command, and with it of its capsules. What `parts` refers to must outlive it.
  ExecRun(std::string id, Parts parts) : id_(std::move(id)), parts_(std::move(parts)) {}

  /// Blocks until all have ended. After an interruption, and when the lock is lost, nothing more is
  /// begun and what runs is awaited (S15).
  std::vector<ExecResult> run(const std::vector<const Host*>& hosts, const Command& command);
  bool interrupted() const { return interrupted_; }

 private:
  ExecResult run_on(const Host& host, const Command& command);
  Result<CommandResult> run_capsule(const Host& host, const Command& command);
  Error out_of_time(remote::NodeWriter& node, const Host& host, const Command& command);
  Status permit(const std::string& host);
  std::optional<Error> why_not() const;
  Status record(Record record);
  void listen(std::size_t nodes);
  std::string capsule() const { return "exec-" + id_; }

  void take(const Interrupt&);
  void take(const LeaseRenewed& renewed);
  void take(const LeaseFailed&);
  void take(const LeaseLost& lost);
  template <class Other>
  void take(const Other&) {}

  const std::string id_;
  const Parts parts_;
  remote::SystemClock clock_;
  std::mutex mutex_;  ///< of all below
  std::condition_variable changed_;
  LeaseAge lease_;
  bool interrupted_ = false;
  std::string lost_how_;
};

}  // namespace drover::orchestrator
