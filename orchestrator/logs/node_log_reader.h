#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "orchestrator/logs/pod_log_reader.h"
#include "plans/logs/node_logs.h"
#include "remote/clock.h"
#include "remote/node.h"

namespace drover::orchestrator {

/// Reads a log that a machine keeps. One thread.
class NodeLogReader {
 public:
  using Tell = std::function<void(const std::string&)>;

  NodeLogReader(remote::NodeReader& node, remote::Clock& clock, plans::NodeLog& log, ShowLine show,
                Tell tell)
      : node_(node), clock_(clock), log_(log), show_(std::move(show)), tell_(std::move(tell)) {}

  /// Shows what there is of it; false: there was nothing.
  Result<bool> show(const std::stop_token& stop);

  /// Goes on with what is written, each second by a command of its own: none is left behind on the
  /// machine, and a lost connection or a reboot loses no line. It ends when nobody wants more.
  /// Errors: Cancelled by `stop`; the machine cannot read it; Unreachable when it has been out of
  /// reach for five minutes.
  Status follow(const std::stop_token& stop);

 private:
  enum class Took { Nothing, Some, Enough };
  Result<Took> read(const std::stop_token& stop);

  remote::NodeReader& node_;
  remote::Clock& clock_;
  plans::NodeLog& log_;
  const ShowLine show_;
  const Tell tell_;
};

}  // namespace drover::orchestrator
