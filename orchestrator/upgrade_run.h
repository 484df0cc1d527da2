#pragma once

#include <optional>
#include <string>

#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/executor.h"
#include "orchestrator/exec/threaded_runner.h"
#include "orchestrator/lock/cluster_lock.h"
#include "orchestrator/preview.h"
#include "orchestrator/state/journal_file.h"
#include "orchestrator/state/state_folder.h"

namespace drover::orchestrator {

/// One run from its lock to its end: the state folder, the lock file, the Lease, the journal, and
/// the executor over real ports. Everything taken is given back when it goes.
class UpgradeRun {
 public:
  /// All references must outlive it. `mailbox` is where signals are posted to.
  UpgradeRun(const Preview& preview, std::string run, std::string state_dir, EventLog& events,
             Mailbox& mailbox);
  ~UpgradeRun();

  /// Takes the lock file and the Lease, makes the run's folder. Locked: another run has it.
  Status open(std::stop_token stop);
  /// Where the events of this run are kept; after open().
  std::string folder() const;
  /// Executes the plan. After open(), once.
  Result<RunEnd> execute();

 private:
  Status write_header();
  ThreadedRunner::Owned ports(const std::string& host);
  OutputFile output_of(const plans::Step& step, int number) const;

  const Preview& preview_;
  std::string run_;
  std::string state_dir_;
  EventLog& events_;
  Mailbox& mailbox_;
  remote::SystemClock clock_;
  std::optional<StateFolder> folder_;
  std::optional<FileLock> file_lock_;
  std::unique_ptr<remote::KubeApi> lock_api_;
  std::optional<ClusterLock> lock_;
  bool lock_held_ = false;
  std::unique_ptr<JournalFile> journal_;
};

}  // namespace drover::orchestrator
