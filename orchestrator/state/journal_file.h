#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/state/file_io.h"
#include "orchestrator/state/journal.h"

/// The journal on disk: JSON Lines with a CRC each. The format is described in JOURNAL.md.
namespace drover::orchestrator {

inline constexpr std::string_view kJournalSchema = "drover/journal/1";

/// What is left of a journal after reading it (S20).
struct JournalContent {
  std::vector<Record> records;
  std::size_t valid_bytes = 0;  ///< length of the undamaged part
  std::string cut;              ///< a warning when a damaged tail was left out; "" otherwise
};

/// Reads journal text. A damaged last line is cut; damage elsewhere, a gap in seq, or an unknown
/// schema is a State error with what to do.
Result<JournalContent> read_journal(std::string_view text);

/// The same of a file, named in errors and warnings. No file is an empty journal.
Result<JournalContent> load_journal(const std::string& path);

/// One record as its line, with the CRC, without the newline.
std::string format_record(const Record& record);

/// The journal as a file: every append is written whole and synced, the folder too when the file is
/// new. Only one at a time may have a path open: the cluster's lock file sees to that.
class JournalFile final : public Journal {
 public:
  /// `wall` gives the time that records carry. Creates the file (0600) or goes on after its valid
  /// part; a damaged tail is cut off the file.
  static Result<std::unique_ptr<JournalFile>> open(const std::string& path,
                                                   std::function<std::string()> wall);
  Status append(Record record) override;

 private:
  JournalFile(Fd fd, std::string path, std::function<std::string()> wall, std::uint64_t next);
  Fd fd_;
  std::string path_;
  std::function<std::string()> wall_;
  std::uint64_t next_;
  bool broken_ = false;  ///< after a failed append nothing more is written
};

}  // namespace drover::orchestrator
