#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <thread>

#include "inventory/base/result.h"
#include "orchestrator/exec/mailbox.h"
#include "orchestrator/state/file_io.h"

namespace drover::orchestrator {

/// The control socket of the run that this process executes: what is asked for there is posted to
/// the coordinator. It has a thread of its own; nothing that a client does or fails to do holds up
/// the run. The socket file goes with it.
class ControlServer {
 public:
  /// `mailbox` must outlive it. `patience`: how long a client may take to say its line.
  static Result<std::unique_ptr<ControlServer>> open(
      const std::string& run_folder, Mailbox& mailbox,
      std::chrono::milliseconds patience = std::chrono::seconds(2));
  ~ControlServer();
  ControlServer(const ControlServer&) = delete;
  ControlServer& operator=(const ControlServer&) = delete;

 private:
  ControlServer(std::string folder, Fd listener, Fd wake, Mailbox& mailbox,
                std::chrono::milliseconds patience);
  void serve(const std::stop_token& stop);

  std::string folder_;
  Fd listener_;
  Fd wake_;  ///< readable when the thread is to end
  Mailbox& mailbox_;
  std::chrono::milliseconds patience_;
  std::jthread thread_;  ///< last: it uses the members above
};

}  // namespace drover::orchestrator
