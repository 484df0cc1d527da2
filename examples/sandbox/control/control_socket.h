#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "remote/ssh/unique_fd.h"

/// The socket `control` in the folder of a sandbox: one object of JSON a line goes in, and one
/// comes back. Its path may be longer than the 107 bytes that an address holds.
namespace drover::sandbox {

/// Listens there (0600), not blocking, and replaces what a dead sandbox left. Throws
/// std::runtime_error when a live one answers.
remote::UniqueFd listen_in(const std::filesystem::path& folder);

/// Connects to it. Throws std::runtime_error when no sandbox runs in that folder.
remote::UniqueFd connect_in(const std::filesystem::path& folder);

/// Does a sandbox answer there?
bool answers_in(const std::filesystem::path& folder);

/// Says the line that `line` is, and returns the line that is answered. Throws when none is.
std::string ask_in(const std::filesystem::path& folder, const std::string& line);

}  // namespace drover::sandbox
