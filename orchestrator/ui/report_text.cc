#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/run_texts.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

constexpr std::size_t kReportMessageBytes = 2000;
constexpr std::size_t kKindWidth = 21;  // of "control-plane-healthy"

std::string shown_in_report(const std::string& text) { return sanitise(text, kReportMessageBytes); }

std::string node_of(const StepStanding& step) {
  return step.node.empty() ? "cluster" : shown_in_report(step.node);
}

std::string status_of(const StepStanding& step, bool running) {
  if (!step.memory) return "-";
  if (step.memory->status) return std::string(status_name(*step.memory->status));
  return running ? "running" : "cut off";
}

Colour colour_of(const StepStanding& step) {
  if (step.failed()) return Colour::Red;
  return step.done() ? Colour::Green : Colour::Yellow;
}

std::string step_line(const StepStanding& step, std::size_t node_width, bool running,
                      const TextStyle& style) {
  const StepMemory& memory = *step.memory;
  const bool ended = memory.status.has_value();
  const std::string status = status_of(step, running);
  const std::string before = fmt::format("  {:<8}  {:<8}  ", time_of_day(memory.began),
                                         ended ? time_of_day(memory.ended) : "-");
  const std::string after = fmt::format("  {}  {}  {:>6}  ", pad(node_of(step), node_width),
                                        pad(shown_in_report(step.kind), kKindWidth),
                                        ended ? duration_text(memory.duration_s) : "-");
  const std::string head = before + pad(status, 9) + after;
  std::vector<std::string> lines = split_lines(memory.message);
  if (lines.empty()) lines.emplace_back();
  std::string first = lines.size() > 1 ? "" : shown_in_report(lines.front());
  if (memory.attempt > 1) first = fmt::format("(attempt {}) {}", memory.attempt, first);
  std::string out = hang(head, first, head.size(), std::max<std::size_t>(width_of(style), 120));
  out.replace(before.size(), 9, paint(pad(status, 9), colour_of(step), style.color));
  out = out.substr(0, out.find_last_not_of(" \n") + 1) + '\n';
  // Text of several lines, such as a table, keeps its form.
  for (const std::string& line : lines) {
    if (lines.size() > 1) out += fmt::format("      {}\n", shown_in_report(line));
  }
  return out;
}

std::string all_steps(const Standing& run, const TextStyle& style) {
  std::size_t node_width = std::string_view("cluster").size();
  std::vector<const StepStanding*> begun;
  for (const StepStanding& step : run.steps) {
    node_width = std::max(node_width, columns_of(node_of(step)));
    if (step.memory) begun.push_back(&step);
  }
  if (begun.empty()) return "";
  std::stable_sort(begun.begin(), begun.end(), [](const auto* a, const auto* b) {
    return a->memory->began < b->memory->began;
  });
  std::string out = "\nSteps, in the order in which they were begun (UTC)\n";
  out += fmt::format("  {:<8}  {:<8}  {:<9}  {}  {}  {:>6}\n", "BEGAN", "ENDED", "STATUS",
                     pad("NODE", node_width), pad("STEP", kKindWidth), "TOOK");
  for (const StepStanding* step : begun) {
    out += step_line(*step, node_width, run.state == RunState::Running, style);
  }
  return out;
}

std::string changes(const Standing& run, const TextStyle& style) {
  std::string out;
  for (const StepStanding& step : run.steps) {
    if (!step.memory || !step.memory->may_have_changed) continue;
    const std::string what =
        step.title.empty() ? shown_in_report(step.kind) : shown_in_report(step.title);
    const std::string doubt = step.done() ? "" : " (begun, and not known to be done)";
    out +=
        hang("  " + node_of(step) + ": ", what + doubt, node_of(step).size() + 4, width_of(style));
    for (const auto& [name, value] : step.memory->before) {
      out += hang(
          "    before: ", fmt::format("{} = {}", shown_in_report(name), shown_in_report(value)), 12,
          width_of(style));
    }
  }
  return out.empty() ? "\nNothing was changed.\n" : "\nWhat was changed\n" + out;
}

std::string put_back(const Standing& run) {
  std::string out;
  for (const StepStanding& step : run.steps) {
    if (step.kind == "uncordon" && step.memory && step.memory->status == StepStatus::Succeeded) {
      out += fmt::format("  {}: uncordoned\n", node_of(step));
    }
  }
  for (const NodeStanding& node : run.nodes()) {
    const std::string name = shown_in_report(node.node);
    if (node.cordon == CordonState::Ours)
      out += fmt::format("  {}: still cordoned by this run\n", name);
    if (node.cordon == CordonState::Others) {
      out += fmt::format("  {}: was cordoned before this run, and left so\n", name);
    }
    if (node.cordon == CordonState::Unsure) {
      out += fmt::format("  {}: perhaps cordoned: look with `kubectl get node {}`\n", name, name);
    }
  }
  return out.empty() ? "" : "\nWhat was put back, and what was not\n" + out;
}

std::string snapshots(const Standing& run) {
  std::string out;
  for (const StepStanding& step : run.steps) {
    if (!step.memory) continue;
    const auto path = step.memory->notes.find("path");
    if (step.kind != "etcd-snapshot" || path == step.memory->notes.end()) continue;
    out += fmt::format("  etcd snapshot: {}", shown_in_report(path->second));
    if (!step.host.empty()) out += fmt::format(" on {}", shown_in_report(step.host));
    out += '\n';
  }
  return out;
}

std::string warnings(const Standing& run, const TextStyle& style) {
  std::string out;
  for (const std::string& warning : run.warnings)
    out += hang("  -", shown_in_report(warning), 4, width_of(style));
  return out.empty() ? "" : "\nWarnings\n" + out;
}

std::string places(const Standing& run) {
  const std::string folder = shown_in_report(run.folder);
  return "\nWhere things lie\n" + snapshots(run) +
         fmt::format("  plan, journal, events: {}\n", folder) +
         fmt::format("  output of node commands: {}/output/STEP/ATTEMPT.out and .err\n", folder);
}

}  // namespace

std::string report_text(const StandingView& view, const TextStyle& style) {
  const Standing& run = view.standing;
  std::string out = status_text(view, style);
  if (run.state != RunState::Unreadable && run.state != RunState::NotBegun) {
    out += all_steps(run, style) + changes(run, style) + put_back(run) + warnings(run, style);
  }
  return out + places(run);
}

}  // namespace drover::orchestrator
