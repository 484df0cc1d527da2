#pragma once

#include <map>
#include <string>

#include "inventory/base/text.h"
#include "orchestrator/event.h"

namespace drover::orchestrator {

/// How the step `id` ended, for programs, behind what `json` says of it already. `ends`: of the
/// steps that did, by their ids. `Json`: an nlohmann::basic_json.
template <class Json>
Json step_end_json(Json json, const std::string& id,
                   const std::map<std::string, StepFinished>& ends) {
  const auto end = ends.find(id);
  json["status"] = end == ends.end() ? "not begun" : status_name(end->second.status);
  if (end == ends.end()) return json;
  json["message"] = sanitise(end->second.message);
  if (!end->second.error.message.empty()) json["error"] = sanitise(end->second.error.message);
  return json;
}

}  // namespace drover::orchestrator
