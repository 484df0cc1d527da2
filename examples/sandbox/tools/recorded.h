#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// What real tools printed, taken into the program when it is built:
/// examples/sandbox/recorded/commands/.
namespace drover::sandbox {

/// What stood there, and what is to stand in its place.
using Replacements = std::vector<std::pair<std::string, std::string>>;

/// One recording ("kubeadm/upgrade-plan.json"), with every occurrence of a change's left side
/// replaced by its right side; at each place the longest one that fits counts. Throws
/// std::logic_error for a name that is not there.
std::string recorded(std::string_view name, const Replacements& changes = {});

/// The same text after klog's front, "W1122 21:11:26.766409    1449 ", got this moment and process.
std::string with_klog_of_now(std::string_view text);

}  // namespace drover::sandbox
