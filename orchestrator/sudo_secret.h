#pragma once

#include <memory>

#include "inventory/base/result.h"
#include "inventory/inventory.h"
#include "remote/ssh/sudo_password.h"

namespace drover::orchestrator {

/// The password that `sudo.password` names, from the environment or its file; null if it names none
/// or no host needs one. Errors are of kind Sudo: it is a credential that cannot be had.
Result<std::shared_ptr<remote::SudoPassword>> read_sudo_password(const Inventory& inventory);

}  // namespace drover::orchestrator
