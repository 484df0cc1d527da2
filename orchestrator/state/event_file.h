#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inventory/base/result.h"
#include "orchestrator/event.h"
#include "orchestrator/state/file_io.h"

namespace drover::orchestrator {

/// events.jsonl of a run. What comes before the run has a folder is kept and written when it has
/// one.
class EventFile final : public EventSink {
 public:
  void on(const Event& event) override;
  Status open(const std::string& path);
  /// The number of the newest event in a file; a torn end does not count. No file: 0.
  static Result<std::uint64_t> last_seq(const std::string& path);

 private:
  void write(const std::string& line);
  std::vector<std::string> early_;
  Fd fd_;
  std::string path_;
};

}  // namespace drover::orchestrator
