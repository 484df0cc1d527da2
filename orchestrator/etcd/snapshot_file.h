#pragma once

#include <cstdint>
#include <stop_token>
#include <string>
#include <vector>

#include "inventory/base/result.h"

/// Snapshots of etcd as files on this machine.
namespace drover::orchestrator {

/// What a snapshot that was read from its first byte to its last one is.
struct Snapshot {
  std::uint64_t bytes = 0;
  std::string sha256;          ///< of the whole file, for whoever compares copies
  std::uint64_t revision = 0;  ///< of the newest key in it
};

/// Reads the file, piece by piece, and compares it with the checksum at its end, the SHA-256 that
/// etcd put there: then no byte of it is another one. A File error says which way it is wrong, a
/// Cancelled one that `stop` came first.
Result<Snapshot> verify_snapshot(const std::string& path, std::stop_token stop);

}  // namespace drover::orchestrator
