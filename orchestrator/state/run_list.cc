#include "orchestrator/state/run_list.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "orchestrator/lock/lock_file.h"
#include "orchestrator/state/file_io.h"
#include "orchestrator/state/journal_file.h"
#include "plans/plan_file.h"

namespace drover::orchestrator {
namespace {

using Candidates = std::vector<const ListedRun*>;

ListedRun listed(const std::string& cluster, const std::string& folder, const std::string& id) {
  ListedRun run{.id = id, .cluster = cluster, .folder = fmt::format("{}/{}", folder, id)};
  Result<JournalContent> journal = load_journal(run.folder + "/journal.jsonl");
  if (!journal) {
    run.memory = journal.error();
  } else if (!journal->records.empty()) {
    run.memory = remember(journal->records);
    run.cut = journal->cut;
  } else {
    // It ended between the making of its folder and the first record: nothing was begun.
    run.memory->run = id;
    run.memory->cluster = cluster;
  }
  return run;
}

/// `later`: runs that succeeded. Of a run whose journal cannot be read only an upgrade makes sure.
bool is_superseded(const ListedRun& run, const std::vector<RunMemory>& later) {
  return std::any_of(later.begin(), later.end(), [&](const RunMemory& one) {
    return run.memory ? supersedes(one, *run.memory) : !one.is_node_command();
  });
}

Status add_cluster(RunList& list, const std::string& cluster) {
  const std::string folder = fmt::format("{}/{}", list.state_dir, cluster);
  DROVER_TRY_ASSIGN(std::vector<std::string> ids, list_folders(folder + "/runs"));
  std::sort(ids.rbegin(), ids.rend());  // run ids begin with their time
  // Before the journals: a process that ends in between has written its end by then.
  const std::optional<Holder> holder = holder_of(folder + "/lock");
  std::vector<RunMemory> later;
  for (const std::string& id : ids) {
    ListedRun run = listed(cluster, folder + "/runs", id);
    if (holder && holder->run == id) run.holder = holder;
    run.superseded = is_superseded(run, later);
    if (run.memory && run.memory->succeeded()) later.push_back(*run.memory);
    list.runs.push_back(std::move(run));
  }
  return {};
}

Error no_such_run(std::string message, std::string remedy) {
  return {.kind = ErrorKind::Usage, .message = std::move(message), .remedy = std::move(remedy)};
}

Result<const ListedRun*> named_run(const RunList& list, const std::string& id) {
  if (const ListedRun* run = list.find(id)) return run;
  std::vector<std::string> ids;
  for (const ListedRun& run : list.runs) ids.push_back(run.id);
  const auto near = nearest(id, ids);
  return no_such_run(fmt::format("there is no run {} in {}", sanitise(id), list.state_dir),
                     near ? fmt::format("did you mean {}?", sanitise(*near))
                          : std::string("`drover runs` lists the runs"));
}

Candidates those(const RunList& list, bool (*wanted)(const ListedRun&)) {
  Candidates found;
  for (const ListedRun& run : list.runs) {
    if (wanted(run)) found.push_back(&run);
  }
  return found;
}

std::string names(const Candidates& runs) {
  std::vector<std::string> shown;
  for (const ListedRun* run : runs) {
    shown.push_back(fmt::format("{} (cluster {})", sanitise(run->id), sanitise(run->cluster)));
  }
  return join(shown, ", ");
}

}  // namespace

bool ListedRun::unfinished() const {
  return holder || (!superseded && (!memory || memory->unfinished()));
}

const ListedRun* RunList::find(const std::string& id) const {
  const auto found =
      std::find_if(runs.begin(), runs.end(), [&](const ListedRun& run) { return run.id == id; });
  return found == runs.end() ? nullptr : &*found;
}

Result<RunList> list_runs(const std::string& state_dir) {
  RunList list{.state_dir = state_dir};
  DROVER_TRY_ASSIGN(const std::vector<std::string> clusters, list_folders(state_dir));
  for (const std::string& cluster : clusters) DROVER_TRY(add_cluster(list, cluster));
  std::stable_sort(list.runs.begin(), list.runs.end(),
                   [](const ListedRun& a, const ListedRun& b) { return a.id > b.id; });
  return list;
}

Result<plans::Plan> plan_of(const ListedRun& run) {
  const std::string path = run.folder + "/plan.json";
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(path, missing));
  Result<plans::Plan> plan =
      missing ? Result<plans::Plan>(Error{.kind = ErrorKind::State, .message = "there is none"})
              : plans::read_plan(text);
  if (plan) return plan;
  Error error = plan.error();
  error.message = fmt::format("plan {}: {}", path, error.message);
  return error;
}

Result<const ListedRun*> run_to_show(const RunList& list, const std::string& named) {
  if (!named.empty()) return named_run(list, named);
  const Candidates open = those(list, [](const ListedRun& run) { return run.unfinished(); });
  if (!open.empty()) return open.front();
  return list.runs.empty() ? nullptr : &list.runs.front();
}

Result<const ListedRun*> run_to_go_on_with(const RunList& list, const std::string& named) {
  if (!named.empty()) return named_run(list, named);
  const Candidates open = those(list, [](const ListedRun& run) { return run.unfinished(); });
  std::set<std::string> clusters;
  for (const ListedRun* run : open) clusters.insert(run->cluster);
  if (clusters.size() > 1) {
    return no_such_run(fmt::format("runs of several clusters are unfinished: {}", names(open)),
                       "say which one is meant by its run id");
  }
  return open.empty() ? nullptr : open.front();
}

Result<const ListedRun*> running_run(const RunList& list, const std::string& named) {
  if (!named.empty()) return named_run(list, named);
  const Candidates running =
      those(list, [](const ListedRun& run) { return run.holder.has_value(); });
  if (running.size() > 1) {
    return no_such_run(fmt::format("several runs are going on: {}", names(running)),
                       "say which one is meant by its run id");
  }
  return running.empty() ? nullptr : running.front();
}

}  // namespace drover::orchestrator
