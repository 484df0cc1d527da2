#pragma once

#include <string>
#include <string_view>

#include "inventory/facts.h"

namespace drover::plans {

/// Shell text that prints, a line each, what tells whether the machine asks for a reboot:
/// `reboot-asked FILE`, `reboot-for PACKAGE`, `kernel RELEASE` (it runs) and `kernel-installed
/// RELEASE`. Needs the function `keyed` (keyed_function()); changes nothing.
std::string reboot_need_rows();

/// Defines the shell function `keyed`: puts a key before each line of what others wrote, so that no
/// content of a file can pass for another fact.
std::string keyed_function();

/// Takes in one of these lines; false: it is none of them.
bool read_reboot_need(std::string_view key, std::string_view value, RebootNeed& need);

/// Why the machine asks for a reboot, for example "/run/reboot-required (linux-image-amd64)" or
/// "kernel 6.1.0-25-amd64 is installed, 6.1.0-21-amd64 runs"; "" when it does not. Names are
/// sanitised.
std::string why_reboot(const RebootNeed& need);

/// True when `installed` is a newer release of the same flavour of kernel as `running`. What cannot
/// be compared is not newer.
bool newer_kernel(std::string_view installed, std::string_view running);

}  // namespace drover::plans
