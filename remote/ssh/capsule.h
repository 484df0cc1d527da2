#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "remote/node.h"

namespace drover::remote {

/// The shell text that keeps capsules on a host: POSIX sh and the tools of Debian. It takes as
/// parameters `start`, `follow`, `state` or `cancel`, the folder of all capsules, the id, a fresh
/// nonce, the bytes of stdout and stderr that are at hand already, and the script.
///
/// A capsule is a folder: `cmd` (the script), `supervise` (what runs it), `out`, `err`, `started`
/// (boot id, process id and start time of the supervisor; made once, synced to the disk before the
/// script begins) and `end` (`rc=<exit code>`, one line; anything less is no result). The script
/// runs detached, as a transient unit where systemd runs the host, in a session of its own
/// elsewhere.
std::string capsule_frame();

struct CapsuleCall {
  enum class Verb { Start, Follow, State, Cancel };
  Verb verb = Verb::State;
  std::string folder;  ///< of all capsules
  std::string id;
  std::uint64_t out_bytes = 0;  ///< of stdout, already at hand
  std::uint64_t err_bytes = 0;
  std::string script;  ///< with Start
};

/// What to send to a root shell for `call`. It announces a state, or "refused" with the reason in
/// front on stderr, and the offsets at which the streams go on, later than asked for if the host
/// has not kept what was there; then, for Start and Follow, the output, and the ending: a state, or
/// "busy=" and what this one has to wait for. A
/// running one is followed until one more line comes.
std::string capsule_input(const std::string& nonce, const CapsuleCall& call);

/// Reads a state or an ending: "absent", "prepared", "running", "rc=3", "lost", "rebooted".
std::optional<CapsuleState> parse_capsule_state(std::string_view text);

/// Letters, digits, `.`, `_`, `-`, not first one of the last three; at most 200 (it names a unit).
bool valid_capsule_id(std::string_view id);

}  // namespace drover::remote
