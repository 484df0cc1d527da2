#include "orchestrator/state/past_runs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "orchestrator/state/file_io.h"
#include "orchestrator/state/journal_file.h"
#include "orchestrator/state/run_memory.h"

namespace drover::orchestrator {
namespace {

constexpr size_t kRuns = 5;  // more would tell of machines as they are no longer

void add(const RunMemory& memory, plans::PastDurations& past) {
  for (const auto& [id, step] : memory.steps) {
    const size_t first = id.find('/');
    const size_t last = id.rfind('/');
    // One that found its work done took no time, and one that was taken up again not all of it.
    const bool whole = step.status == StepStatus::Succeeded && !step.waived && step.attempt == 1;
    if (!whole || first == std::string::npos || first == last) continue;
    const std::string host = id.substr(first + 1, last - first - 1);
    past.add(id.substr(last + 1), host == "cluster" ? "" : host,
             std::chrono::seconds(static_cast<long>(std::ceil(step.duration_s))));
  }
}

}  // namespace

Result<plans::PastDurations> past_durations(const std::string& state_dir,
                                            const std::string& cluster) {
  const std::string folder = fmt::format("{}/{}/runs", state_dir, cluster);
  DROVER_TRY_ASSIGN(std::vector<std::string> runs, list_folders(folder));
  std::sort(runs.begin(), runs.end());  // run ids begin with their time
  if (runs.size() > kRuns) runs.erase(runs.begin(), runs.end() - kRuns);
  plans::PastDurations past;
  for (const std::string& run : runs) {
    const auto journal = load_journal(fmt::format("{}/{}/journal.jsonl", folder, run));
    if (!journal || journal->records.empty()) continue;
    if (const auto memory = remember(journal->records)) add(*memory, past);
  }
  return past;
}

}  // namespace drover::orchestrator
