#pragma once

#include <filesystem>
#include <string>

namespace drover::sandbox {

/// The whole of a file; "" when there is none. Throws std::runtime_error when it cannot be read.
std::string read_text(const std::filesystem::path& path);

/// Replaces what the file holds and keeps its inode, which may be mounted somewhere. Throws.
void write_text(const std::filesystem::path& path, const std::string& text);

/// Adds to the end of the file, in one write. Throws.
void append_text(const std::filesystem::path& path, const std::string& text);

}  // namespace drover::sandbox
