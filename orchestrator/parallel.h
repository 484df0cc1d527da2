#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <thread>
#include <vector>

namespace drover::orchestrator {

/// Sessions that are opened or read at once: enough to hide latency, few enough for one bastion.
inline constexpr std::size_t kSessionsAtOnce = 32;

/// Calls work(i) for each i below `count`, at most `at_once` of them at a time, each on a thread of
/// its own pool; returns when all have returned. `work` must not throw.
template <class Work>
void in_parallel(std::size_t count, std::size_t at_once, Work work) {
  std::atomic<std::size_t> next{0};
  const auto loop = [&] {
    for (std::size_t i = next++; i < count; i = next++) work(i);
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < std::min(at_once, count); ++i) threads.emplace_back(loop);
  threads.clear();  // joins
}

}  // namespace drover::orchestrator
