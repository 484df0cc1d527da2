#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// What a make-believe node remembers lies in its own root, below /var/lib/sandbox.
namespace drover::sandbox {

/// The path of one file of the node's state: "packages/kubelet".
std::string in_state(std::string_view name);

/// The whole file; nothing when it is not there or cannot be read.
std::optional<std::string> read_file(const std::string& path);

/// Its lines; none when it is not there.
std::vector<std::string> read_lines(const std::string& path);

/// The first line without blanks around it; "" when there is none.
std::string read_word(const std::string& path);

bool exists(const std::string& path);

/// Names in a folder, sorted, without hidden ones; none when it is not there.
std::vector<std::string> names_in(const std::string& folder);

/// Thrown by what writes when the disk is full.
struct NoRoom {
  std::string path;
};

/// Throws what errno says of this path: NoRoom, or a std::system_error.
[[noreturn]] void throw_errno(const std::string& path);

/// Replaces the file as a whole, its folder made if need be: who reads sees the old or the new.
/// Throws NoRoom or std::system_error, as do the others that write.
void write_file(const std::string& path, std::string_view text);

/// Adds a line in one write, so that two may do it at once. Line ends within `line` become blanks.
void append_line(const std::string& path, std::string_view line);

void remove_file(const std::string& path);

}  // namespace drover::sandbox
