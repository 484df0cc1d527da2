#pragma once

#include <cstdio>
#include <mutex>
#include <string>
#include <vector>

#include "plans/logs/log_line.h"

namespace drover::orchestrator {

/// Where lines come from.
struct LogLabel {
  std::string ns;         ///< "": a machine's own log
  std::string subject;    ///< pod, or inventory host
  std::string container;  ///< of a pod; of a machine the units or the static pod
  bool dated = false;     ///< its lines have their time in them already
};

/// Prints lines of logs as they come, one call a line, from any thread. Nothing of them acts on a
/// terminal (S13); colours and styles are left out.
class LogPrinter {
 public:
  struct Style {
    bool json = false;   ///< one object a line: {"v":1,"kind":"LogLine",...}
    bool times = false;  ///< the time of each line in front
    std::string cluster;
  };
  /// `labels`: all that will be heard of. Of several each stands in front of its lines, with the
  /// namespace when they differ in that.
  LogPrinter(std::FILE* out, Style style, const std::vector<LogLabel>& labels);

  /// False: nobody reads it any more.
  bool print(const LogLabel& label, const plans::LogLine& line);

 private:
  std::string text(const LogLabel& label, const plans::LogLine& line) const;
  std::string name(const LogLabel& label) const;

  std::FILE* out_;
  const Style style_;
  bool namespaces_ = false;
  std::size_t width_ = 0;  ///< of the names; 0: they are not shown
  std::mutex mutex_;
};

}  // namespace drover::orchestrator
