#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inventory/base/result.h"

/// The folder of this machine that backups of etcd are put in. Errors are of kind File and name the
/// path.
namespace drover::orchestrator {

/// Made, with what is missing above it, 0700; something can be put there.
Status prepare_backup_folder(const std::string& folder);

/// An error says that `bytes` more, and some to spare, do not fit.
Status check_room(const std::string& folder, std::uint64_t bytes);

/// The names of the regular files in it that do not begin with a dot, sorted.
Result<std::vector<std::string>> files_in(const std::string& folder);

/// Takes away what backups that were killed left there of `cluster`: hidden, and two hours old,
/// which none takes.
void sweep_backup_folder(const std::string& folder, const std::string& cluster);

/// Gives the file `from` its place `to` in the same folder, durably, unless something is there.
Status place_file(const std::string& from, const std::string& to);

}  // namespace drover::orchestrator
