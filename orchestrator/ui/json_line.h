#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace drover::orchestrator {

/// One line of ASCII for programs, with its end. What is no UTF-8 is replaced.
std::string json_line(const nlohmann::ordered_json& json);

}  // namespace drover::orchestrator
