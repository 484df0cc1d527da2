#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "examples/sandbox/node/node.h"

namespace drover::sandbox {

/// The folder of a sandbox, with the operator's key in it.
class SandboxFolder {
 public:
  /// Empty: a new one, which goes with this object. A folder in which an earlier sandbox ended is
  /// emptied first; any other that holds something is refused. Throws std::runtime_error.
  explicit SandboxFolder(const std::filesystem::path& wanted);
  ~SandboxFolder();
  SandboxFolder(const SandboxFolder&) = delete;
  SandboxFolder& operator=(const SandboxFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  /// The operator's public key, as a line.
  std::string public_key() const;

  /// Writes what Drover's user would: inventory.yaml, upgrade.yaml and known_hosts.
  void write_files(const std::vector<Node*>& nodes) const;

 private:
  std::filesystem::path path_;
  bool temporary_ = false;
};

}  // namespace drover::sandbox
