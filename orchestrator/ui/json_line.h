#pragma once

#include <string>

namespace drover::orchestrator {

/// One line of ASCII for programs, with its end. What is no UTF-8 is replaced. `Json`: an
/// nlohmann::basic_json.
template <class Json>
std::string json_line(const Json& json) {
  return json.dump(-1, ' ', true, Json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
