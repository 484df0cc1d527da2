#pragma once

#include <string>

#include "inventory/base/result.h"
#include "orchestrator/state/file_io.h"

/// The socket file of a run, by its folder: paths may be longer than the 107 bytes that an address
/// holds.
namespace drover::orchestrator {

/// Listens on <folder>/control, 0600, not blocking. Replaces what a dead process left there; a
/// State error when a live one answers.
Result<Fd> listen_in(const std::string& folder);

/// Connects to <folder>/control, not blocking. A State error when nobody listens there.
Result<Fd> connect_in(const std::string& folder);

/// Removes <folder>/control.
void remove_socket(const std::string& folder);

/// Is the process at the other end run by this user, or by root?
bool is_trusted_peer(int fd);

}  // namespace drover::orchestrator
