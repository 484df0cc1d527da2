#pragma once

#include <functional>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace drover::sandbox {

/// What a command answers, or throws std::runtime_error: its text goes to the caller.
using Command = std::function<nlohmann::json(const nlohmann::json& request)>;

/// name → what it does; called one at a time, from the control thread.
using Commands = std::map<std::string, Command>;

}  // namespace drover::sandbox
