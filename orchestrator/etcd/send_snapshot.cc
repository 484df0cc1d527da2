#include "orchestrator/etcd/send_snapshot.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "orchestrator/etcd/snapshot_file.h"
#include "orchestrator/parallel.h"
#include "plans/etcd/restore.h"

namespace drover::orchestrator {
namespace {

constexpr std::chrono::minutes kSendSnapshot{60};

Status check_file(const plans::SnapshotCopy& copy, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const Snapshot snapshot, verify_snapshot(copy.file, stop));
  if (snapshot.sha256 == copy.sha256) return {};
  return Error{.kind = ErrorKind::File,
               .message = fmt::format("{} is another snapshot than that of this run: its SHA-256 "
                                      "is {}, not {}",
                                      sanitise(copy.file), snapshot.sha256, copy.sha256),
               .remedy = "put the file back that the run began with"};
}

Status send_to(const std::string& host, const plans::SnapshotCopy& copy, Fleet& fleet,
               std::stop_token stop) {
  DROVER_TRY(fleet.files(host)->upload(copy.file, copy.copy, kSendSnapshot, stop));
  return {};
}

}  // namespace

Status send_snapshot(const plans::SnapshotCopy& copy, Fleet& fleet, std::stop_token stop) {
  const size_t count = copy.hosts.size();
  std::vector<Status> ends(count);
  std::vector<char> missing(count, 0);
  in_parallel(count, kSessionsAtOnce, [&](size_t i) {
    const auto said = fleet.node(copy.hosts[i])->read(plans::look_at_copy(copy.copy), stop);
    if (!said) ends[i] = said.error();
    missing[i] = said && !plans::is_copy(*said, copy.sha256) ? 1 : 0;
  });
  for (const Status& end : ends) DROVER_TRY(end);
  if (std::find(missing.begin(), missing.end(), 1) == missing.end()) return {};
  DROVER_TRY(check_file(copy, stop));
  in_parallel(count, kSessionsAtOnce, [&](size_t i) {
    if (missing[i] != 0) ends[i] = send_to(copy.hosts[i], copy, fleet, stop);
  });
  for (const Status& end : ends) DROVER_TRY(end);
  return {};
}

}  // namespace drover::orchestrator
