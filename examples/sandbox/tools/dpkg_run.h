#pragma once

#include <string>
#include <vector>

#include "examples/sandbox/tools/call.h"
#include "examples/sandbox/tools/install_plan.h"

/// dpkg at work. At whichever moment it is killed, the node's state is what the real one leaves
/// then: entries in /var/lib/dpkg/updates, and packages that are half-installed, unpacked or
/// half-configured.
namespace drover::sandbox {

/// True while /var/lib/dpkg/updates holds what an interrupted dpkg left: apt refuses to install
/// then.
bool dpkg_was_interrupted();

/// Where dpkg prints to: apt gives it a terminal of its own, unless Dpkg::Use-Pty is 0.
enum class DpkgOutput { Pipe, Terminal };

/// Unpacks all packages of the plan and sets them up. The call's fault strikes when all are
/// unpacked and none is set up.
void run_dpkg(Call& call, const InstallPlan& plan, DpkgOutput output);

/// Sets up what is unpacked or half-configured, and clears away what was left in the updates.
/// Packages that are half-installed are not touched: they must be installed again.
void configure_pending(Call& call);

}  // namespace drover::sandbox
