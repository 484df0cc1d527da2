#pragma once

#include <string>
#include <vector>

#include "orchestrator/standing.h"
#include "orchestrator/ui/views.h"

/// `status`, `runs` and `report`: for a person, and as the one line of JSON that programs read.
namespace drover::orchestrator {

/// What to type next.
struct NextCommand {
  std::string line;
  std::string about;
};

/// What the texts are made from. `now` is an RFC 3339 time in UTC.
struct StandingView {
  const Standing& standing;
  std::vector<NextCommand> next;
  std::string now;
};

/// What happened, what is running, what is left, what to type next.
std::string status_text(const StandingView& view, const TextStyle& style);
/// The same and each step, what was changed and put back, and where things lie.
std::string report_text(const StandingView& view, const TextStyle& style);
/// A line a run; `wide`: also when it was last at work, how often it was resumed, and its folder.
std::string runs_text(const std::vector<Standing>& runs, const std::string& now,
                      const TextStyle& style, bool wide = false);

/// With a newline. nullptr: there is no run.
std::string status_json(const StandingView* view);
std::string report_json(const StandingView* view);
std::string runs_json(const std::vector<Standing>& runs, const std::string& now);

}  // namespace drover::orchestrator
