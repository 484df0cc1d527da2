#pragma once

#include <string>

#include "inventory/base/command.h"
#include "plans/plan.h"

/// Which cluster a control plane is of, as its files tell without the API: all of a cluster have
/// the same certificate authority, and no two clusters have one.
namespace drover::plans {

/// The line "ca SHA-256" as part of a script; nothing where kubeadm keeps no certificate of it.
extern const std::string_view kAuthorityShell;

Command look_at_authority();
/// SHA-256 of the certificate; "" when it is not told.
std::string read_authority(const CommandResult& result);

/// Its place in the fingerprint of a plan.
std::string authority_key(const std::string& host);

/// Why a control plane is of another cluster than the plan's: the words after its name. "": it is
/// the same, or one of both does not tell.
std::string other_authority(const Plan& plan, const std::string& host, const std::string& found);

}  // namespace drover::plans
