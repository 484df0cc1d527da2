#include "examples/sandbox/tools/node_files.h"

#include <fcntl.h>
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

[[noreturn]] void give_up(const std::string& what) {
  throw std::system_error(errno, std::generic_category(), what);
}

void make_folder_of(const std::string& path) {
  fs::create_directories(fs::path(path).parent_path());
}

void write_all(int file, std::string_view text, const std::string& path) {
  while (!text.empty()) {
    const ssize_t written = write(file, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) {
      const int error = errno;
      close(file);
      errno = error;
      give_up(path);
    }
    text.remove_prefix(static_cast<size_t>(written));
  }
  if (close(file) != 0) give_up(path);
}

}  // namespace

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
    names.push_back(entry.path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

void write_file(const std::string& path, std::string_view text) {
  make_folder_of(path);
  const std::string fresh = path + "." + std::to_string(getpid());
  const int file = open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) give_up(path);
  try {
    write_all(file, text, path);
  } catch (const std::system_error&) {
    unlink(fresh.c_str());
    throw;
  }
  if (rename(fresh.c_str(), path.c_str()) != 0) give_up(path);
}

void append_line(const std::string& path, std::string_view line) {
  make_folder_of(path);
  const int file = open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file < 0) give_up(path);
  std::string text(line);
  std::replace(text.begin(), text.end(), '\n', ' ');
  write_all(file, text + '\n', path);
}

void remove_file(const std::string& path) {
  if (unlink(path.c_str()) != 0 && errno != ENOENT) give_up(path);
}

}  // namespace drover::sandbox
