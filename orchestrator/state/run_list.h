#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/lock/holder.h"
#include "orchestrator/state/run_memory.h"
#include "plans/plan.h"

/// The runs in a state folder, and which of them a command means. Reads only, also while a run goes
/// on.
namespace drover::orchestrator {

/// A run as its files tell of it.
struct ListedRun {
  std::string id;
  std::string cluster;           ///< the name of its cluster's folder
  std::string folder;            ///< its own
  Result<RunMemory> memory;      ///< an Error when its journal cannot be read (S20)
  std::string cut;               ///< the torn end of its journal that was left out; "": none
  std::optional<Holder> holder;  ///< the process that has it now
  bool superseded = false;       ///< a later run of its cluster succeeded: it is no longer of use

  /// It may be gone on with: by what is known, or because nothing is known of it.
  bool unfinished() const;
};

struct RunList {
  std::string state_dir;
  std::vector<ListedRun> runs;  ///< of all clusters, newest first

  const ListedRun* find(const std::string& id) const;
};

/// No folder: no runs. A run whose journal is damaged is listed with its trouble.
Result<RunList> list_runs(const std::string& state_dir);

/// Its plan.json.
Result<plans::Plan> plan_of(const ListedRun& run);

/// What `status` and `report` show: the run named, else the newest unfinished, else the newest.
/// nullptr: there is none. A Usage error when `named` is not a run.
Result<const ListedRun*> run_to_show(const RunList& list, const std::string& named);

/// What `resume` and `cancel` mean: the run named, else the newest unfinished. nullptr: there is
/// none. A Usage error when `named` is not a run, or when runs of several clusters are unfinished.
Result<const ListedRun*> run_to_go_on_with(const RunList& list, const std::string& named);

/// What `pause` means: the run that a process has now. nullptr: there is none. A Usage error when
/// `named` is not a run, or when several are running.
Result<const ListedRun*> running_run(const RunList& list, const std::string& named);

}  // namespace drover::orchestrator
