#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "plans/logs/log_line.h"

/// Logs that a machine itself keeps, read piece by piece by commands that only read.
namespace drover::plans {

/// A log and the place up to which it was read.
class NodeLog {
 public:
  virtual ~NodeLog() = default;
  /// Reads what comes after that place; the first time, what the window takes.
  virtual Command next() const = 0;
  /// The lines of such a reading that were not there before; the place moves on. An Error of kind
  /// Command: the machine could not read it.
  virtual Result<std::vector<LogLine>> take(const CommandResult& result) = 0;
};

/// What systemd's journal keeps of units, oldest first. Without a window its newest 500 lines; at
/// most 100,000 at a time.
std::unique_ptr<NodeLog> journal_log(std::vector<std::string> units, LogWindow window);

/// What the newest container of a static pod in kube-system wrote, by crictl; `previous`: the one
/// before it. Read again it goes on with a container that has been started meanwhile.
std::unique_ptr<NodeLog> static_pod_log(std::string name, LogWindow window, bool previous);

/// Whether systemd could have a unit of that name; ".service" may be left out.
bool is_unit_name(std::string_view name);

}  // namespace drover::plans
