#pragma once

#include <string>

namespace drover {

/// What went wrong, by the exit code and the reaction that it calls for.
/// The table from kind to exit code is orchestrator/cli/exit_codes.h.
enum class ErrorKind {
  Internal,        ///< a defect of Drover
  Usage,           ///< the command line
  File,            ///< a file the user wrote
  Refused,         ///< a blocker, or the operator's "no"
  Unreachable,     ///< no TCP connection, or it broke
  Authentication,  ///< the node or the API refused our credentials
  HostKey,         ///< unknown, changed or revoked host key
  Sudo,            ///< sudo refused or wants a password
  Command,         ///< a node command failed: its exit code is known
  Unknown,         ///< an effect was begun and its outcome is not known
  Api,             ///< the Kubernetes API answered, and the answer is an error
  Timeout,         ///< a deadline passed
  Cancelled,       ///< the operator asked to stop
  Locked,          ///< another run holds the cluster
  Stale,           ///< the cluster is no longer what the plan was computed from
  State,           ///< a journal or state folder cannot be read or written
};

/// One failure as data: it is journalled, shown, and mapped to an exit code.
struct Error {
  ErrorKind kind = ErrorKind::Internal;
  std::string message;  ///< one line: what failed and why, with host and address where there is one
  std::string remedy;   ///< what to do next, one line; may be empty
  std::string host;     ///< inventory host name; empty if it concerns none
  std::string detail;   ///< everything the other side said, unshortened and unsanitised
};

}  // namespace drover
