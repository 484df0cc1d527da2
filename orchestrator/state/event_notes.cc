#include "orchestrator/state/event_notes.h"

#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/state/file_io.h"

namespace drover::orchestrator {
namespace {

std::string text_at(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  return found != json.end() && found->is_string() ? found->get<std::string>() : "";
}

void take(EventNotes& notes, const nlohmann::json& event) {
  const std::string what = text_at(event, "event");
  const std::string step = text_at(event, "step");
  if (what == "step_started") notes.waiting_for.erase(step);
  if (what == "step_progress") notes.waiting_for[step] = text_at(event, "waiting_for");
  if (what == "step_finished") {
    notes.waiting_for.erase(step);
    const auto error = event.find("error");
    notes.remedies[step] =
        error != event.end() && error->is_object() ? text_at(*error, "remedy") : "";
  }
  if (what == "warning") notes.warnings.push_back(text_at(event, "message"));
}

}  // namespace

EventNotes read_event_notes(std::string_view text) {
  EventNotes notes;
  for (const std::string& line : split_lines(text)) {
    constexpr bool kThrow = true;
    const auto event = nlohmann::json::parse(line, nullptr, !kThrow);
    if (event.is_object()) take(notes, event);
  }
  return notes;
}

EventNotes load_event_notes(const std::string& run_folder) {
  bool missing = false;
  const auto text = read_file(run_folder + "/events.jsonl", missing);
  return text ? read_event_notes(*text) : EventNotes{};
}

}  // namespace drover::orchestrator
