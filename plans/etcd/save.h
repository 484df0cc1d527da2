#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "inventory/cluster/etcd.h"

/// A snapshot that is saved on a control plane only to be fetched from there.
namespace drover::plans {

/// Saves one in `directory` (absolute) of the machine under a name of this run's own, and verifies
/// it there. Nothing is left of it after a failure.
Command save_snapshot(const std::string& directory, const std::string& run);
/// Takes it away again.
Command remove_snapshot(const std::string& directory, const std::string& run);

struct SavedSnapshot {
  std::string path;  ///< on the machine
  std::uint64_t bytes = 0;
  std::string sha256;
  std::optional<EtcdSnapshotStatus> status;  ///< where etcd's tools could tell it
};
/// A Command error, which names `host`: it was not saved, or did not say where it is.
Result<SavedSnapshot> read_saved_snapshot(const std::string& host, const CommandResult& result);

}  // namespace drover::plans
