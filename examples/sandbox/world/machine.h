#pragma once

#include <filesystem>
#include <string>

namespace drover::sandbox {

/// One machine of the make-believe cluster.
struct Machine {
  std::string name;
  std::filesystem::path root;  ///< its private root folder on this host
  bool control_plane = false;
};

}  // namespace drover::sandbox
