#pragma once

#include <string>

#include "remote/ssh/exec.h"
#include "remote/ssh/frame.h"
#include "remote/ssh/target.h"

namespace drover::remote {

/// The command line that makes a root shell of the login: plain for root, by passwordless sudo for
/// everybody else. Whether sudo lets it happen shows in the first script that is sent: it costs no
/// round trip of its own.
std::string root_shell(const std::string& user);

/// Why a script did not begin: Sudo when sudo stood in the way, otherwise Authentication, since the
/// login gives no usable shell.
Error no_root_shell(const SshTarget& target, const Exit& exit, const FramedOutput& output);

}  // namespace drover::remote
