#pragma once

#include <atomic>
#include <functional>
#include <thread>

namespace drover::orchestrator {

/// Blocks SIGINT and SIGTERM in the calling thread and all it makes; call before any thread exists.
void block_signals();

/// Receives the blocked signals on a thread of its own (S15): the first calls `on_first`, the
/// second ends the process at once with exit code 130.
class SignalWatch {
 public:
  explicit SignalWatch(std::function<void()> on_first);

 private:
  std::jthread thread_;
};

}  // namespace drover::orchestrator
