#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/run_texts.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

Colour colour_of(RunState state) {
  switch (state) {
    case RunState::Running:
    case RunState::Succeeded:
      return Colour::Green;
    case RunState::Failed:
    case RunState::Killed:
    case RunState::Unreadable:
      return Colour::Red;
    default:
      return Colour::Yellow;
  }
}

struct Row {
  std::string run, cluster, way, state, began, took, done, trouble;
  Colour colour = Colour::Plain;
};

std::string way_of(const Standing& run) {
  if (!run.work.empty()) return sanitise(run.work);
  return run.target.empty() ? "-" : sanitise(run.from + " -> " + run.target);
}

Row row_of(const Standing& run, const std::string& now) {
  Row row{.run = sanitise(run.run),
          .cluster = sanitise(run.cluster),
          .way = way_of(run),
          .state = std::string(run_state_name(run.state)),
          .began = clock_text(run.began),
          .took = "-",
          .done = "-",
          .trouble = sanitise(run.trouble.message),
          .colour = colour_of(run.state)};
  if (run.state == RunState::Unreadable) return row;
  const std::string& until = run.state == RunState::Running ? now : run.last;
  if (!run.began.empty()) row.took = format_duration(between(run.began, until));
  row.done = run.no_plan.empty() ? fmt::format("{}/{}", run.done(), run.steps.size())
                                 : fmt::format("{}/?", run.done());
  if (row.trouble.empty()) row.trouble = sanitise(run.no_plan);
  return row;
}

}  // namespace

std::string runs_text(const std::vector<Standing>& runs, const std::string& now,
                      const TextStyle& style) {
  if (runs.empty()) return "There are no runs here.\n";
  std::vector<Row> rows = {{"RUN", "CLUSTER", "FROM -> TO", "STATE", "BEGAN", "TOOK", "DONE", ""}};
  for (const Standing& run : runs) rows.push_back(row_of(run, now));
  const auto widest = [&](std::string Row::*column) {
    std::size_t width = 0;
    for (const Row& row : rows) width = std::max(width, columns_of(row.*column));
    return width;
  };
  std::string out;
  for (const Row& row : rows) {
    for (std::string Row::*column :
         {&Row::run, &Row::cluster, &Row::way, &Row::state, &Row::began, &Row::took, &Row::done}) {
      const std::string cell = pad(row.*column, widest(column));
      out += column == &Row::state ? paint(cell, row.colour, style.color) : cell;
      out += "  ";
    }
    out.erase(out.find_last_not_of(' ') + 1);
    out += '\n';
    if (!row.trouble.empty())
      out += hang("  ->", row.trouble, 5, static_cast<std::size_t>(style.width));
  }
  return out;
}

}  // namespace drover::orchestrator
