#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orchestrator/control/control_server.h"
#include "orchestrator/exec/event_log.h"
#include "orchestrator/exec/executor.h"
#include "orchestrator/exec/threaded_runner.h"
#include "orchestrator/fleet.h"
#include "orchestrator/lock/cluster_lock.h"
#include "orchestrator/state/journal_file.h"
#include "orchestrator/state/state_folder.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// What a run is about.
struct RunSubject {
  const plans::Plan& plan;
  Fleet& fleet;
  std::string cluster_uid;
  ThreadedRunner::MakePorts ports = {};  ///< of a host's worker; empty: working_ports()
};

/// The files that a run is made from, kept in its folder so that an edit shows on resume.
struct RunSources {
  std::string upgrade_file;  ///< absolute; "": the run is made from a PLAN.json
  std::string upgrade_text;
  std::string inventory_file;  ///< absolute
  std::string inventory_text;
  std::string command = "apply";
  std::vector<std::string> hosts = {};  ///< of a node command
};

/// Names in a run's folder.
inline constexpr const char* kPlanName = "plan.json";
inline constexpr const char* kJournalName = "journal.jsonl";
inline constexpr const char* kEventsName = "events.jsonl";
inline constexpr const char* kUpgradeName = "upgrade.yaml";
inline constexpr const char* kInventoryName = "inventory.yaml";

/// One process's part of a run: the lock file, the Lease, the journal, and the executor over real
/// ports. In this order: take_lock_file(), take_lease(), begin() or go_on(), execute(). Everything
/// taken is given back when it goes.
class UpgradeRun {
 public:
  /// What `subject` refers to, `events` and `mailbox` must outlive it. `mailbox` is where signals
  /// are posted to.
  UpgradeRun(RunSubject subject, RunName run, std::string state_dir, EventLog& events,
             Mailbox& mailbox);
  ~UpgradeRun();

  /// The lock of this machine. Locked: another process here has it. File: this machine does not
  /// know the time zone of the plan's maintenance window.
  Status take_lock_file();
  /// The lock in the cluster, which is renewed from then on. Locked: another run has it. A run that
  /// replaces etcd has none: the Lease goes with the data, and what keeps others away is that there
  /// is no API (design 1.6). One that renews certificates without the API has it where that answers
  /// all the same.
  Status take_lease(std::stop_token stop);
  /// Makes the run's folder and its journal.
  Status begin(const RunSources& sources);
  /// Opens the journal of a run that was begun; `fields` is said in its run-resumed record.
  Status go_on(std::map<std::string, std::string> fields);
  /// One more record, before execute().
  Status note(Record record) { return journal_->append(std::move(record)); }

  std::string folder() const;
  /// Executes what is left of the plan. Once.
  RunEnd execute(History history);
  /// Ends the run for good instead (Executor::cancel). Once.
  RunEnd cancel(History history);

 private:
  RunEnd with_executor(History history, RunEnd (Executor::*act)());
  void give_lease_back();
  Status open_journal();
  OutputFile output_of(const plans::Step& step, int number) const;

  RunSubject subject_;
  RunName run_;
  std::string state_dir_;
  EventLog& events_;
  Mailbox& mailbox_;
  remote::SystemClock clock_;
  plans::TimeZone zone_;  ///< of the maintenance window
  std::optional<StateFolder> folder_;
  std::optional<FileLock> file_lock_;
  std::unique_ptr<remote::KubeApi> lock_api_;
  std::optional<ClusterLock> lock_;
  bool lock_held_ = false;
  std::optional<LeaseKeeper> keeper_;  ///< while lock_held_
  std::unique_ptr<JournalFile> journal_;
  std::unique_ptr<ControlServer> control_;  ///< while it executes
};

}  // namespace drover::orchestrator
