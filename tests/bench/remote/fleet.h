#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "remote/ssh/target.h"

namespace drover::bench {

/// The hosts to measure on, from JSON: {"user", "identity", "known_hosts", "capsules": FOLDER,
/// "hosts": [{"name", "address", "port"}, ...]}. Throws when something is missing.
struct Fleet {
  std::vector<remote::SshTarget> targets;
  std::string capsules;  ///< folder on the hosts
};
Fleet make_fleet(const nlohmann::json& description);

/// Calls `work` with 0, 1, ... `count` - 1 on so many threads, and throws what one of them threw.
void in_parallel(std::size_t threads, std::size_t count,
                 const std::function<void(std::size_t)>& work);

/// Throws unless the command ran and ended with 0.
void must_succeed(const Result<CommandResult>& result);

}  // namespace drover::bench
