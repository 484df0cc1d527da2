#include "orchestrator/state/event_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/ui/views.h"

namespace drover::orchestrator {
namespace {

/// A process that was killed may have left half an event.
Status cut_torn_line(const std::string& path) {
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(path, missing));
  if (text.empty() || text.back() == '\n') return {};
  const size_t whole = text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1;
  if (::truncate(path.c_str(), static_cast<off_t>(whole)) != 0) return io_error("cut", path);
  return {};
}

}  // namespace

Result<std::uint64_t> EventFile::last_seq(const std::string& path) {
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(path, missing));
  std::uint64_t seq = 0;
  for (size_t from = 0, end = text.find('\n'); end != std::string::npos;
       from = end + 1, end = text.find('\n', from)) {
    const auto event = nlohmann::json::parse(text.substr(from, end - from), nullptr, false);
    if (event.is_object()) seq = std::max(seq, event.value("seq", std::uint64_t{0}));
  }
  return seq;
}

Status EventFile::open(const std::string& path) {
  DROVER_TRY(cut_torn_line(path));
  fd_ = Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd_.valid()) return io_error("open", path);
  path_ = path;
  for (const std::string& line : early_) write(line);
  early_.clear();
  return {};
}

void EventFile::on(const Event& event) {
  std::string line = json_line(event) + "\n";
  if (fd_.valid()) return write(line);
  early_.push_back(std::move(line));
}

void EventFile::write(const std::string& line) {
  // The journal is what counts and stops the run when the disk is full; this is its readable
  // shadow.
  if (Status written = write_all(fd_.get(), line, path_); !written) fd_ = Fd();
}

}  // namespace drover::orchestrator
