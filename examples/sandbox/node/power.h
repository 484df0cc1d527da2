#pragma once

#include <chrono>
#include <list>
#include <map>
#include <mutex>
#include <thread>
#include <vector>

#include "examples/sandbox/node/node.h"

namespace drover::sandbox {

/// The power switches of all nodes. A thread of its own watches for a node that asks to be rebooted
/// or switched off (`power` in its state) and boots those whose time has come.
class Power {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// The nodes must outlive it. They boot in `boot_time`, which may be 0.
  Power(const std::vector<Node*>& nodes, std::chrono::milliseconds boot_time);
  ~Power();
  Power(const Power&) = delete;
  Power& operator=(const Power&) = delete;

  /// Off, and on again after the time that a boot takes; without such a time it is up on return.
  void reset(Node& node);
  void off(Node& node);
  void on(Node& node);

 private:
  void watch(const std::stop_token& stop);
  void hear_requests();
  void obey(Node& node);
  void boot_those_due();
  int patience();

  std::chrono::milliseconds boot_time_;
  remote::UniqueFd requests_;  ///< inotify
  remote::UniqueFd wake_;
  std::map<int, Node*> watched_;  ///< by inotify's number
  std::mutex mutex_;              ///< guards what follows; held while a switch is turned
  std::map<Node*, Time> booting_;
  std::jthread thread_;  ///< last: it uses the members above
};

}  // namespace drover::sandbox
