#include <fmt/format.h>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/run_texts.h"
#include "orchestrator/ui/table.h"
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
  std::string run, cluster, way, state, began, took, done, last, resumes, folder, trouble = {};
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
          .last = clock_text(run.last),
          .resumes = std::to_string(run.resumes),
          .folder = sanitise(run.folder, 4096),
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

std::vector<Cell> cells_of(const Row& row, const std::vector<std::string Row::*>& columns) {
  std::vector<Cell> cells;
  for (std::string Row::*column : columns) {
    cells.push_back({row.*column, column == &Row::state ? row.colour : Colour::Plain});
  }
  return cells;
}

}  // namespace

std::string runs_text(const std::vector<Standing>& runs, const std::string& now,
                      const TextStyle& style, bool wide) {
  if (runs.empty()) return "There are no runs here.\n";
  std::vector<Row> rows = {{.run = "RUN",
                            .cluster = "CLUSTER",
                            .way = "FROM -> TO",
                            .state = "STATE",
                            .began = "BEGAN",
                            .took = "TOOK",
                            .done = "DONE",
                            .last = "LAST",
                            .resumes = "RESUMES",
                            .folder = "FOLDER"}};
  for (const Standing& run : runs) rows.push_back(row_of(run, now));
  std::vector<std::string Row::*> columns = {&Row::run,   &Row::cluster, &Row::way, &Row::state,
                                             &Row::began, &Row::took,    &Row::done};
  if (wide) columns.insert(columns.end(), {&Row::last, &Row::resumes, &Row::folder});
  std::vector<std::vector<Cell>> cells;
  for (const Row& row : rows) cells.push_back(cells_of(row, columns));
  const std::vector<std::string> lines = split_lines(table(cells, style.color));
  std::string out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    out += lines[i] + '\n';
    if (!rows[i].trouble.empty())
      out += hang("  ->", rows[i].trouble, 5, static_cast<std::size_t>(style.width));
  }
  return out;
}

}  // namespace drover::orchestrator
