#pragma once

#include <array>
#include <string_view>

#include "inventory/base/error.h"

/// What the process's exit code says (design 1.2). A code that is not in the table is a failure.
namespace drover::orchestrator {

inline constexpr int kExitDone = 0;
inline constexpr int kExitInternal = 1;
inline constexpr int kExitUsage = 2;
inline constexpr int kExitFile = 3;
inline constexpr int kExitRefused = 4;
inline constexpr int kExitStopped = 5;  ///< steps ran, and not all succeeded: the executor decides
inline constexpr int kExitLocked = 6;
inline constexpr int kExitStale = 7;
inline constexpr int kExitUnreachable = 8;
inline constexpr int kExitChanges = 10;  ///< `plan --detailed-exitcode` only
inline constexpr int kExitInterrupted = 130;

struct ExitCode {
  int code;
  std::string_view when;
};

inline constexpr std::array<ExitCode, 11> kExitCodes = {{
    {kExitDone, "done, or nothing to do; plan and check: no blockers"},
    {kExitInternal, "an internal error, or something failed that has no code of its own"},
    {kExitUsage, "bad usage; no terminal to ask on and no --yes"},
    {kExitFile, "a file is invalid, or not the snapshot that was saved"},
    {kExitRefused,
     "refused before any change: a blocker, or the answer was no; etcd, addon, certs status: not "
     "well"},
    {kExitStopped,
     "stopped part-way, and resume can go on: a step failed, the lock was lost, pause; or cancel"},
    {kExitLocked, "another run holds the cluster"},
    {kExitStale,
     "a saved plan is stale, or the cluster changed between the plan shown and the lock"},
    {kExitUnreachable, "cannot reach or log in to a host or the API; host key unknown or changed"},
    {kExitChanges, "plan --detailed-exitcode: no blockers, and there are changes"},
    {kExitInterrupted, "interrupted by Ctrl-C or SIGTERM"},
}};

/// The code for an error that ends the process before or without a run.
constexpr int exit_code(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::Usage:
      return kExitUsage;
    case ErrorKind::File:
      return kExitFile;
    case ErrorKind::Refused:
      return kExitRefused;
    case ErrorKind::Locked:
      return kExitLocked;
    case ErrorKind::Stale:
      return kExitStale;
    case ErrorKind::Unreachable:
    case ErrorKind::Timeout:  // who does not answer in time is as far away as who refuses
    case ErrorKind::Authentication:
    case ErrorKind::HostKey:
    case ErrorKind::Sudo:
      return kExitUnreachable;
    case ErrorKind::Cancelled:
      return kExitInterrupted;
    case ErrorKind::Internal:
    case ErrorKind::Command:
    case ErrorKind::Unknown:
    case ErrorKind::Api:
    case ErrorKind::State:
      return kExitInternal;
  }
  return kExitInternal;
}

}  // namespace drover::orchestrator
