#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace drover::sandbox {

/// The folders that stand in a node for this machine's /usr/bin and /usr/sbin: a link for each
/// program that is there, and links to the stand-ins in place of the tools that they stand for. By
/// whichever path or name a tool is called, the stand-in answers, also where this machine has none.
struct Farm {
  std::filesystem::path bin;
  std::filesystem::path sbin;
};

/// Makes both in `folder`. All nodes share them.
Farm make_farm(const std::filesystem::path& folder);

/// The tools that have a stand-in, and the programs that a node must not have: the power switch of
/// the machine on which all this runs.
const std::vector<std::string>& stood_in_for();

/// Where a node has this machine's /usr, and the stand-in itself.
inline constexpr const char* kHostFolder = "/.host";
inline constexpr const char* kTool = "/.host/tool";

}  // namespace drover::sandbox
