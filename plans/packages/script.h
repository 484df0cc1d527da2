#pragma once

#include <string>
#include <vector>

namespace drover::plans {

/// First line of a script, and ends by a signal that pass through the EXIT trap: dash runs it for a
/// plain exit only.
std::string script_head();

/// " kubeadm kubelet": each quoted, with a space before it.
std::string words(const std::vector<std::string>& names);

}  // namespace drover::plans
