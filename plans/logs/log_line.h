#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plans/timestamp.h"

/// Lines of a log with the time at which each was written in front, as kubelet and crictl give
/// them.
namespace drover::plans {

/// How much of a log is wanted.
struct LogWindow {
  std::optional<std::chrono::seconds> since;  ///< nothing that is older; from its beginning
  std::optional<long> tail;                   ///< so many of its last lines; all
};

struct LogLine {
  std::string time;  ///< RFC 3339; "": the line has none
  std::string text;
};
LogLine read_log_line(std::string_view line);

/// Cuts what comes in pieces into lines. A line is given out when it has ended, or when it has
/// grown beyond 64 KiB: what follows counts as the next one.
class LineCutter {
 public:
  void add(std::string_view piece) { rest_ += piece; }
  /// The next line there is.
  std::optional<std::string> next();
  /// What is left and was not ended; nothing when all was.
  std::optional<std::string> last();

 private:
  std::string rest_;
};

/// Where somebody stands in a log, so that a second reading goes on there: the log is asked for
/// from the second of the last line on, and what of it was seen is left out.
class LogPlace {
 public:
  /// The time to ask from, RFC 3339 in whole seconds; "": nothing was seen yet.
  std::string since() const;
  /// Called before the log is read once more.
  void rewind();
  /// Whether this line is one that was not seen before; it is now. A line without a time always is.
  bool passes(const LogLine& line);

 private:
  bool was_seen(const LogLine& line);

  std::string last_;     ///< time of the newest line, as it was written
  long at_last_ = 0;     ///< lines of that time that were seen
  bool behind_ = false;  ///< not yet back where it was
  long passed_ = 0;      ///< lines of that time met since the rewind
};

}  // namespace drover::plans
