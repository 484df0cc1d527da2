#pragma once

#include <sys/types.h>

#include <string>

namespace drover::sandbox {

/// Fills the disk below `path` of a node, by its first process: nothing more can be made, written
/// or removed there (ENOSPC), and all that is there can be read. `number` tells several such paths
/// of one node apart. Throws std::runtime_error when the kernel does not let it.
void fill_disk(pid_t init, const std::string& path, int number);

/// The disk has room again, and holds what it held before.
void free_disk(pid_t init, const std::string& path, int number);

}  // namespace drover::sandbox
