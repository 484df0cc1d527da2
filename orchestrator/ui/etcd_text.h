#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/etcd/snapshot_file.h"
#include "orchestrator/event.h"
#include "orchestrator/ui/list_view.h"
#include "orchestrator/ui/views.h"
#include "plans/etcd/judge.h"
#include "plans/etcd/restore_plan.h"
#include "plans/plan.h"

/// `drover etcd`: for a person, and as the one line of JSON that programs read.
namespace drover::orchestrator {

/// 0: all is well; 4: something is not; 8: a member could not be asked, and nothing else is wrong.
int etcd_exit_code(const plans::EtcdReport& report);

std::string etcd_status_text(const std::string& cluster, const plans::EtcdReport& report,
                             const TextStyle& style);
std::string etcd_status_json(const std::string& cluster, const plans::EtcdReport& report);

/// What `etcd defrag` asks about: the members, in which order, and what stands in the way.
std::string etcd_defrag_preview_text(const plans::Plan& plan, const plans::EtcdReport& report,
                                     const TextStyle& style);
/// `ends`: of the steps that ended, by host; `run`: "" when none was begun.
std::string etcd_defrag_json(const plans::Plan& plan, const plans::EtcdReport& report,
                             const std::map<std::string, StepFinished>& ends,
                             const std::string& run, int code);

/// What `etcd restore` asks about: the snapshot, what is lost, what stands in the way, and how it
/// goes; `steps`: each by itself.
std::string etcd_restore_preview_text(const plans::Plan& plan, const plans::RestoreSource& source,
                                      bool steps, const TextStyle& style);
/// `ends`: of the steps that ended, by id; `run`: "" when none was begun.
std::string etcd_restore_json(const plans::Plan& plan, const plans::RestoreSource& source,
                              const std::map<std::string, StepFinished>& ends,
                              const std::string& run, int code);

/// A backup that was made.
struct EtcdBackupView {
  std::string cluster;
  std::string host;  ///< it was saved there
  std::string path;
  Snapshot snapshot;
  std::optional<std::uint64_t> hash;  ///< what etcd's own tools say of its keys
  std::optional<std::uint64_t> keys;
  std::vector<std::string> pruned;  ///< paths
};
std::string etcd_backup_text(const EtcdBackupView& view);
std::string etcd_backup_json(const EtcdBackupView& view);

/// One file as it was found.
struct EtcdFileView {
  std::string path;
  std::string cluster;  ///< by its name; "": an upgrade's, or not named by Drover
  std::string time;     ///< RFC 3339: by its name, else when it was written last
  std::uint64_t bytes = 0;
  Result<Snapshot> verified = Error{};
};
std::string etcd_verify_text(const EtcdFileView& view);
std::string etcd_verify_json(const EtcdFileView& view);
/// Wide: with their SHA-256.
std::string etcd_list_text(const std::string& folder, const std::vector<EtcdFileView>& files,
                           const ListStyle& style);
std::string etcd_list_json(const std::string& folder, const std::vector<EtcdFileView>& files);

}  // namespace drover::orchestrator
