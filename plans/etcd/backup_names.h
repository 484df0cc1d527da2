#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The names of backups, from which alone it is decided which of them go.
namespace drover::plans {

/// "etcd-prod-20261128T065000Z-3f2a.db": of this cluster, made by this run.
std::string backup_name(const std::string& cluster, const std::string& run);

struct BackupName {
  std::string cluster;
  std::string time;  ///< RFC 3339
};
/// Also the names that an upgrade gives its snapshots ("etcd-1.33.13-20261128T065000Z.db"), whose
/// `cluster` is "". Nothing: the name is somebody else's.
std::optional<BackupName> read_backup_name(std::string_view name);

struct Keep {
  int count = 0;                ///< 0: says nothing
  std::chrono::seconds age{0};  ///< 0: says nothing
};

/// Those of `names` that are backups of `cluster` by their name and that neither `count` nor `age`
/// keeps, oldest first; never `made`, which counts as the newest. None when `keep` says nothing.
std::vector<std::string> to_prune(const std::vector<std::string>& names, const std::string& cluster,
                                  const std::string& made, std::string_view now, const Keep& keep);

}  // namespace drover::plans
