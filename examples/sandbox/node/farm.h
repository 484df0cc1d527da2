#pragma once

#include <filesystem>

namespace drover::sandbox {

/// The folders that stand in a node for this machine's /usr/bin and /usr/sbin: a link for each
/// program that is there, and links to the stand-ins in place of the tools that they stand for. By
/// whichever path or name a tool is called, the stand-in answers, also where this machine has none.
struct Farm {
  std::filesystem::path bin;
  std::filesystem::path sbin;
};

/// Makes both in `folder`, for the tools that `stand_in` names when it is called with --names. All
/// nodes share them. Throws std::runtime_error.
Farm make_farm(const std::filesystem::path& folder, const std::filesystem::path& stand_in);

/// Where a node has this machine's /usr, and the stand-in itself.
inline constexpr const char* kHostFolder = "/.host";
inline constexpr const char* kTool = "/.host/tool";

}  // namespace drover::sandbox
