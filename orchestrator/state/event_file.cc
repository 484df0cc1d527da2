#include "orchestrator/state/event_file.h"

#include <fcntl.h>

#include "orchestrator/ui/views.h"

namespace drover::orchestrator {

Status EventFile::open(const std::string& path) {
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
