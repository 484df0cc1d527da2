#include "examples/sandbox/tools/node_files.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

#include "inventory/base/text.h"

namespace drover::sandbox {
namespace {

namespace fs = std::filesystem;

void make_folder_of(const std::string& path) {
  std::error_code error;
  fs::create_directories(fs::path(path).parent_path(), error);
  if (!error) return;
  errno = error.value();
  throw_errno(path);
}

void write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      close(file);
      errno = error;
      throw_errno(path);
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (close(file) != 0) throw_errno(path);
}

}  // namespace

void throw_errno(const std::string& path) {
  if (errno == ENOSPC) throw NoRoom{path};
  throw std::system_error(errno, std::generic_category(), path);
}

std::string in_state(std::string_view name) { return "/var/lib/sandbox/" + std::string(name); }

std::optional<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::nullopt;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> read_lines(const std::string& path) {
  const auto text = read_file(path);
  return text ? split_lines(*text) : std::vector<std::string>{};
}

std::string read_word(const std::string& path) {
  const std::vector<std::string> lines = read_lines(path);
  return lines.empty() ? "" : std::string(trim(lines.front()));
}

bool exists(const std::string& path) { return access(path.c_str(), F_OK) == 0; }

std::vector<std::string> names_in(const std::string& folder) {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : fs::directory_iterator(folder, missing)) {
    std::string name = entry.path().filename().string();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  std::sort(names.begin(), names.end());
  return names;
}

void write_file(const std::string& path, std::string_view text) {
  make_folder_of(path);
  const fs::path place(path);
  const std::string fresh =
      place.parent_path() / fmt::format(".{}.{}", place.filename().string(), getpid());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) throw_errno(path);
  try {
    write_all(file, text, path);
  } catch (const NoRoom&) {
    unlink(fresh.c_str());
    throw;
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) throw_errno(path);
}

void append_line(const std::string& path, std::string_view line) {
  make_folder_of(path);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) throw_errno(path);
  std::string text(line);
  std::replace(text.begin(), text.end(), '\n', ' ');
  write_all(file, text + '\n', path);
}

void remove_file(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) throw_errno(path);
}

}  // namespace drover::sandbox
