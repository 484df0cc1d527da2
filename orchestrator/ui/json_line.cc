#include "orchestrator/ui/json_line.h"

#include <nlohmann/json.hpp>

namespace drover::orchestrator {

std::string json_line(const nlohmann::ordered_json& json) {
  return json.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace drover::orchestrator
