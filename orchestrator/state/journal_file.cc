#include "orchestrator/state/journal_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>

namespace drover::orchestrator {

Result<JournalContent> load_journal(const std::string& path) {
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(path, missing));
  Result<JournalContent> content = read_journal(text);
  if (!content) {
    Error error = content.error();
    error.message = fmt::format("journal {}: {}", path, error.message);
    return error;
  }
  if (!content->cut.empty()) content->cut = fmt::format("journal {}: {}", path, content->cut);
  return content;
}

Result<std::unique_ptr<JournalFile>> JournalFile::open(const std::string& path,
                                                       std::function<std::string()> wall) {
  DROVER_TRY_ASSIGN(const JournalContent content, load_journal(path));
  Fd fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  if (!fd.valid()) return io_error("open", path);
  if (!content.cut.empty() && ::ftruncate(fd.get(), static_cast<off_t>(content.valid_bytes)) != 0) {
    return io_error("cut", path);
  }
  if (::fsync(fd.get()) != 0) return io_error("sync", path);
  DROVER_TRY(sync_folder(folder_of(path)));
  return std::unique_ptr<JournalFile>(
      new JournalFile(std::move(fd), path, std::move(wall), content.records.size() + 1));
}

JournalFile::JournalFile(Fd fd, std::string path, std::function<std::string()> wall,
                         std::uint64_t next)
    : fd_(std::move(fd)), path_(std::move(path)), wall_(std::move(wall)), next_(next) {}

Status JournalFile::append(Record record) {
  if (broken_) {
    Error error;
    error.kind = ErrorKind::State;
    error.message =
        fmt::format("journal {}: an earlier write failed, nothing more is written", path_);
    return error;
  }
  record.seq = next_;
  record.time = wall_();
  Status written = write_all(fd_.get(), format_record(record) + '\n', path_);
  // The length of the file is part of what fdatasync makes durable; only its times are not.
  if (written && ::fdatasync(fd_.get()) != 0) written = io_error("sync", path_);
  if (!written) {
    // What is on disk is not known now. A line after a torn one would be damage in the middle.
    broken_ = true;
    return written;
  }
  ++next_;
  return {};
}

}  // namespace drover::orchestrator
