#include "orchestrator/signals.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>

namespace drover::orchestrator {
namespace {

constexpr int kInterrupted = 130;

sigset_t stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  return set;
}

}  // namespace

void block_signals() {
  const sigset_t set = stop_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
}

SignalWatch::SignalWatch(std::function<void()> on_first)
    : thread_([on_first = std::move(on_first)](std::stop_token stop) {
        const sigset_t set = stop_signals();
        constexpr timespec kSlice{0, 200'000'000};
        int seen = 0;
        while (!stop.stop_requested()) {
          if (sigtimedwait(&set, nullptr, &kSlice) < 0) continue;
          if (++seen == 1) {
            on_first();
          } else {
            _exit(kInterrupted);
          }
        }
      }) {}

}  // namespace drover::orchestrator
