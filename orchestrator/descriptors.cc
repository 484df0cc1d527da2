#include "orchestrator/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace drover::orchestrator {

void raise_descriptor_limit() {
  // Programs that we start inherit it, and some close all descriptors there may be, one by one.
  constexpr rlim_t kMost = 65536;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = std::min(limit.rlim_max, kMost);
  if (wanted <= limit.rlim_cur) return;
  limit.rlim_cur = wanted;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace drover::orchestrator
