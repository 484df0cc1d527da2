#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/state/journal.h"

namespace drover::orchestrator {

/// What is left of a journal after reading it (S20).
struct JournalContent {
  std::vector<Record> records;
  std::size_t valid_bytes = 0;  ///< length of the undamaged part
  std::string cut;              ///< a warning when a damaged tail was left out; "" otherwise
};

/// Reads journal text. A damaged last line is cut; damage elsewhere, a gap in seq, or an unknown
/// schema is a State error with what to do.
Result<JournalContent> read_journal(std::string_view text);

/// One record as its line, with the CRC, without the newline.
std::string format_record(const Record& record);

/// The journal as a file: JSON Lines with a CRC each; every append is written whole and fsynced, the
/// folder too when the file is new.
class JournalFile final : public Journal {
 public:
  /// `wall` gives the time that records carry. Creates the file (0600) or goes on after its valid part.
  static Result<std::unique_ptr<JournalFile>> open(const std::string& path,
                                                   std::function<std::string()> wall);
  ~JournalFile() override;
  Status append(Record record) override;

 private:
  JournalFile(int fd, std::string path, std::function<std::string()> wall, std::uint64_t next);
  int fd_;
  std::string path_;
  std::function<std::string()> wall_;
  std::uint64_t next_;
  bool broken_ = false;  ///< after a failed append nothing more is written
};

}  // namespace drover::orchestrator
