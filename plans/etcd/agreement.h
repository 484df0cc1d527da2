#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "inventory/base/command.h"

/// Whether all members make up one etcd, with the same data.
namespace drover::plans {

/// Asks one member for who is one, how each is and what its keys amount to.
Command ask_for_agreement();

/// What is missing: "https://10.0.0.12:2379 is not healthy: ...". "": nothing. `names`: of the
/// members that there must be, no others; `revision`: the least that each must have come to.
std::string missing_agreement(const CommandResult& result, const std::vector<std::string>& names,
                              std::uint64_t revision);

}  // namespace drover::plans
