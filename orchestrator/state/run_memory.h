#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/event.h"
#include "orchestrator/state/journal_file.h"
#include "plans/steps/kind.h"

/// What a run's journal tells about it: the one reading of the records that `resume`, `status`,
/// `runs` and `report` share.
namespace drover::orchestrator {

/// A node command whose intent is in the journal and whose outcome is not known, or was not acted
/// upon: the attempt that began it has not ended (S5).
struct OpenCommand {
  int attempt = 0;
  std::string effect;  ///< its number within the attempt
  std::size_t command = 0;
  std::string capsule;
  bool known = false;  ///< its exit code is in the journal, what it said is on the node
};

struct StepMemory {
  int attempt = 0;                   ///< the newest
  std::uint64_t begun_at = 0;        ///< number of the record that began it
  std::optional<StepStatus> status;  ///< of the newest attempt; absent: begun and not ended
  std::string message;
  std::string began;  ///< when the newest attempt began
  std::string ended;
  double duration_s = 0;
  plans::Notes notes;             ///< that the newest ended attempt left
  std::vector<OpenCommand> open;  ///< oldest first
  bool waived = false;            ///< the operator left it out, with a reason
  std::string deferred;           ///< what blocked it when its node was last put off; "": never was
  bool may_have_changed = false;  ///< an effect of it was begun
  plans::Notes before;            ///< old values that its effects replace (S10)

  bool done() const { return status == StepStatus::Succeeded || status == StepStatus::Skipped; }
};

/// How the process that had the run last ended it.
struct ProcessEnd {
  std::string status;  ///< succeeded, failed, interrupted, paused, cancelled
  int exit_code = 0;
  std::string time;
  std::string reason = {};  ///< of paused: which pause of the plan file, or what was waited for
};

struct RunMemory {
  std::string run;
  std::string cluster;
  std::string cluster_uid;
  std::string plan_id;
  std::string upgrade_file;    ///< as it was named, absolute; "": the run was made from a PLAN.json
  std::string inventory_file;  ///< absolute
  std::string command;         ///< "apply", "node drain"
  std::vector<std::string> hosts;  ///< of a node command: those that it is about
  std::string began;
  std::string last;  ///< time of the newest record
  std::map<std::string, StepMemory> steps;
  std::set<std::string> pauses;   ///< names of the plan file's pauses that a person has ended
  std::optional<ProcessEnd> end;  ///< absent: the last process was killed, or still runs
  std::uint64_t resumes = 0;

  /// A step was begun, and the run neither succeeded nor was cancelled.
  bool unfinished() const;
  bool succeeded() const;
  std::set<std::string> done() const;  ///< ids of the steps that need not be taken again
  bool is_node_command() const {
    return family() == "node" || family() == "etcd" || family() == "certs";
  }
  /// "node" of `node drain`, "etcd" of `etcd defrag`: one does not make good what another left.
  std::string family() const { return command.substr(0, command.find(' ')); }
};

/// Whether nobody wants to go on with `earlier` because `later`, which succeeded, has been. A node
/// command says nothing about an upgrade, nor about hosts that are not its own.
bool supersedes(const RunMemory& later, const RunMemory& earlier);

/// Fails (State) when the records are not those of a run.
Result<RunMemory> remember(const std::vector<Record>& records);

}  // namespace drover::orchestrator
