#pragma once

#include <cstdio>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orchestrator/exec_run.h"

namespace drover::orchestrator {

/// What a command prints on several nodes, whole line by whole line, each with its node in front;
/// on one node as it is. Nothing of it acts on a terminal (S13). Any thread.
class ExecView {
 public:
  /// `hosts`: all that will be heard of.
  ExecView(std::FILE* out, std::FILE* err, const std::vector<std::string>& hosts);

  void output(const std::string& host, remote::Stream stream, std::string_view text);
  /// The rest of a line that was not ended, and how the command ended unless with 0.
  void ended(const ExecResult& result);

 private:
  void line(const std::string& host, remote::Stream stream, std::string_view text);

  std::FILE* out_;
  std::FILE* err_;
  std::size_t width_ = 0;  ///< of the names; 0: they are not shown
  std::mutex mutex_;
  std::map<std::pair<std::string, remote::Stream>, std::string> unended_;
};

/// The one line of JSON. `folder`: where the journal lies.
std::string exec_json(const std::string& cluster, const std::vector<std::string>& command_line,
                      const std::vector<ExecResult>& results, const std::string& folder,
                      int exit_code);

}  // namespace drover::orchestrator
