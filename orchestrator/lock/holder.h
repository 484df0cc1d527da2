#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace drover::orchestrator {

/// Who holds the cluster's lock (S14), as the Lease's holderIdentity says it:
/// `RUN on HOST pid PID since TICKS in MACHINE/BOOT/PIDS`. TICKS is the process's start time in
/// /proc/PID/stat, which begins anew with each boot. The last two words, which earlier versions did
/// not write, say what a process id is worth: MACHINE is a digest of the machine's id, BOOT the
/// kernel's boot id, PIDS the namespace of process ids. Unknown parts are `-`.
struct Holder {
  std::string run;
  std::string host;
  int pid = 0;
  unsigned long long since = 0;
  std::string machine = {};
  std::string boot = {};  ///< "": the holder says nothing of machine, boot and namespace
  std::string pids = {};

  std::string str() const;
  /// For a person: "run RUN on HOST, pid PID".
  std::string shown() const;
  bool operator==(const Holder&) const = default;
};

std::optional<Holder> parse_holder(std::string_view text);

/// A holderIdentity for a person, fit for a terminal, whoever wrote it.
std::string shown_holder(std::string_view identity);

/// This process, for `run`.
Holder this_process(const std::string& run);

/// What can be told of a holder's process from here.
enum class Life { Alive, Dead, Unknown };
Life life_of(const Holder& holder);

/// True when `holder` is a process of this machine that is known not to live any more.
bool is_dead_here(const Holder& holder);

}  // namespace drover::orchestrator
