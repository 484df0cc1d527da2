#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace drover::orchestrator {

/// Who holds the cluster's lock (S14), as the Lease's holderIdentity says it:
/// `RUN on HOST pid PID since TICKS`, TICKS being the process's start time in /proc/PID/stat.
struct Holder {
  std::string run;
  std::string host;
  int pid = 0;
  unsigned long long since = 0;

  std::string str() const;
  bool operator==(const Holder&) const = default;
};

std::optional<Holder> parse_holder(std::string_view text);

/// This process, for `run`.
Holder this_process(const std::string& run);

/// True when `holder` is a process of this machine that is known not to live any more.
bool is_dead_here(const Holder& holder);

}  // namespace drover::orchestrator
