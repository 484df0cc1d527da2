#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace drover::orchestrator {

/// What a run's events.jsonl tells beyond its journal. They are for people only: nothing is decided
/// by them.
struct EventNotes {
  std::map<std::string, std::string> waiting_for;  ///< what running steps wait for, by step id
  std::map<std::string, std::string> remedies;     ///< of steps that failed, by step id
  std::vector<std::string> warnings;               ///< in their order
};

/// Reads the text of an events.jsonl. A line that is no event is passed over: the file is written
/// without care for crashes.
EventNotes read_event_notes(std::string_view text);

/// The same of the file of a run; without one, nothing.
EventNotes load_event_notes(const std::string& run_folder);

}  // namespace drover::orchestrator
