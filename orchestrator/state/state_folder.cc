#include "orchestrator/state/state_folder.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <time.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <vector>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "orchestrator/home.h"
#include "orchestrator/state/journal_file.h"
#include "orchestrator/state/run_memory.h"
#include "orchestrator/utc.h"

namespace drover::orchestrator {
namespace {

// Cluster names and run ids become names of folders.
bool is_folder_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos &&
         name.find('\0') == std::string::npos;
}

Error refused(std::string message, std::string remedy) {
  Error error;
  error.kind = ErrorKind::File;
  error.message = std::move(message);
  error.remedy = std::move(remedy);
  return error;
}

/// When the run of that name began, by its name; nothing when it is none.
std::optional<remote::WallTime> time_in(const std::string& run) {
  std::tm civil{};
  const char* end = strptime(run.c_str(), "%Y%m%dT%H%M%SZ-", &civil);
  if (end == nullptr) return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&civil));
}

/// Of all clusters: they are few, and which one the next run is of may not be known yet. A folder
/// that cannot be read says so when the run is made.
std::optional<remote::WallTime> newest_run(const std::string& state_dir) {
  std::optional<remote::WallTime> newest;
  const auto clusters = list_folders(state_dir);
  if (!clusters) return newest;
  for (const std::string& cluster : *clusters) {
    const auto runs = list_folders(fmt::format("{}/{}/runs", state_dir, cluster));
    if (!runs) continue;
    for (const std::string& run : *runs) newest = std::max(newest, time_in(run));
  }
  return newest;
}

}  // namespace

std::string default_state_dir() {
  const char* xdg = std::getenv("XDG_STATE_HOME");
  // The specification wants relative paths ignored.
  if (xdg != nullptr && xdg[0] == '/') return std::string(xdg) + "/drover";
  return home_folder() + "/.local/state/drover";
}

std::string new_run_id(remote::WallTime now, const std::string& state_dir) {
  const auto newest = newest_run(state_dir);
  if (newest) now = std::max(now, *newest + std::chrono::seconds(1));
  return fmt::format("{}-{}", utc_compact(now), random_hex(2));
}

Result<StateFolder> StateFolder::open(const std::string& state_dir, const std::string& cluster,
                                      const std::string& cluster_uid) {
  if (!is_folder_name(cluster)) {
    return refused(fmt::format("\"{}\" cannot be the name of a folder", sanitise(cluster)),
                   "give the cluster another name: `cluster` in the inventory");
  }
  StateFolder folder(fmt::format("{}/{}", state_dir, cluster));
  DROVER_TRY(make_folders(folder.path_ + "/runs"));
  const std::string uid_path = folder.path_ + "/cluster-uid";
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(uid_path, missing));
  if (cluster_uid.empty()) return folder;
  if (missing) {
    DROVER_TRY(replace_file(uid_path, cluster_uid + '\n'));
  } else if (trim(text) != cluster_uid) {
    return refused(
        fmt::format("{} belongs to another cluster: the kube-system UID it records is {}, this "
                    "cluster's is {}",
                    folder.path_, sanitise(trim(text)), sanitise(cluster_uid)),
        "give this cluster another name (`cluster` in the inventory); if it was made anew, move "
        "that folder away");
  }
  return folder;
}

std::string StateFolder::lock_path() const { return path_ + "/lock"; }

std::string StateFolder::run_path(const std::string& run) const {
  return fmt::format("{}/runs/{}", path_, run);
}

Status StateFolder::make_run(const std::string& run) const {
  const std::string path = run_path(run);
  if (::mkdir(path.c_str(), 0700) != 0) return io_error("make folder", path);
  return sync_folder(folder_of(path));
}

Status StateFolder::write(const std::string& run, const std::string& name,
                          const std::string& text) const {
  const std::string path = fmt::format("{}/{}", run_path(run), name);
  DROVER_TRY(make_folders(folder_of(path)));
  return replace_file(path, text);
}

Result<std::vector<LeftRun>> left_runs(const std::string& state_dir, const std::string& cluster) {
  const std::string folder = fmt::format("{}/{}/runs", state_dir, cluster);
  std::vector<LeftRun> left;
  if (!is_folder_name(cluster)) return left;
  DROVER_TRY_ASSIGN(std::vector<std::string> runs, list_folders(folder));
  std::sort(runs.rbegin(), runs.rend());  // run ids begin with their time
  std::vector<RunMemory> later;           // that succeeded
  for (const std::string& run : runs) {
    const std::string path = fmt::format("{}/{}/journal.jsonl", folder, run);
    DROVER_TRY_ASSIGN(const JournalContent journal, load_journal(path));
    if (journal.records.empty()) continue;
    DROVER_TRY_ASSIGN(const RunMemory memory, remember(journal.records));
    if (memory.steps.empty()) continue;
    if (memory.succeeded() && !memory.is_node_command()) break;
    const bool superseded = std::any_of(
        later.begin(), later.end(), [&](const RunMemory& one) { return supersedes(one, memory); });
    if (memory.succeeded()) later.push_back(memory);
    if (!memory.succeeded() && !superseded) left.push_back({run, memory.unfinished()});
  }
  return left;
}

}  // namespace drover::orchestrator
