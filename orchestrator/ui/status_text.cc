#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/run_texts.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

constexpr std::size_t kMessageBytes = 2000;
constexpr std::size_t kMostNext = 5;  // steps that are named as the next ones

std::string shown_in_status(const std::string& text) { return sanitise(text, kMessageBytes); }

struct Headline {
  std::string text;
  Colour colour;
};

std::string failed_at(const Standing& run) {
  const auto failed = run.failed();
  if (failed.empty()) return "STOPPED";
  std::string text = fmt::format("STOPPED: failed at {}", shown_in_status(failed.front()->id));
  if (failed.size() > 1) text += fmt::format(" and {} more", plural(failed.size() - 1, "step"));
  return text;
}

Headline headline(const Standing& run) {
  switch (run.state) {
    case RunState::Running:
      return {
          fmt::format("RUNNING (pid {} on {})", run.holder->pid, shown_in_status(run.holder->host)),
          Colour::Green};
    case RunState::Succeeded:
      return {"DONE", Colour::Green};
    case RunState::Failed:
      return {failed_at(run), Colour::Red};
    case RunState::Interrupted:
      return {"STOPPED by Ctrl-C or SIGTERM", Colour::Yellow};
    case RunState::Paused:
      return {run.reason.empty() ? "PAUSED" : "PAUSED: " + shown_in_status(run.reason),
              Colour::Yellow};
    case RunState::Cancelled:
      return {"CANCELLED", Colour::Yellow};
    case RunState::Killed:
      return {"KILLED: its process went without ending the run", Colour::Red};
    case RunState::NotBegun:
      return {"NOT BEGUN: nothing was changed", Colour::Plain};
    case RunState::Unreadable:
      return {"UNREADABLE: its journal is damaged", Colour::Red};
  }
  return {"", Colour::Plain};
}

std::string counts(const Standing& run) {
  if (!run.no_plan.empty()) return plural(run.done(), "step") + " done";
  return fmt::format("{} of {} done", run.done(), plural(run.steps.size(), "step"));
}

std::string times(const StandingView& view) {
  const Standing& run = view.standing;
  std::string text = fmt::format("began {}", clock_text(run.began));
  if (run.state == RunState::Running) {
    text += fmt::format(", {} ago", format_duration(between(run.began, view.now)));
  } else if (run.state != RunState::NotBegun) {
    text +=
        fmt::format(", {} {}, {} later", run.state == RunState::Killed ? "last heard of" : "ended",
                    clock_text(run.last), format_duration(between(run.began, run.last)));
  }
  if (run.resumes > 0) text += fmt::format("; resumed {}", plural(run.resumes, "time"));
  return text;
}

std::string title(const Standing& run) {
  std::string text =
      fmt::format("Run {}: cluster {}", shown_in_status(run.run), shown_in_status(run.cluster));
  if (!run.work.empty()) text += ", " + shown_in_status(run.work);
  if (!run.target.empty())
    text += fmt::format(", {} -> {}", shown_in_status(run.from), shown_in_status(run.target));
  return text;
}

// "drain for 2m10s: waiting for budget default/web"
std::string where(const NodeStanding& node, const StandingView& view) {
  if (node.at == nullptr) return "done";
  const StepStanding& at = *node.at;
  if (at.failed()) return "FAILED at " + shown_in_status(at.kind);
  if (at.put_off()) {
    return fmt::format("put off at {}: it waits for {}", shown_in_status(at.kind),
                       shown_in_status(at.memory->deferred));
  }
  if (at.open() && view.standing.state != RunState::Running) {
    return "cut off in " + shown_in_status(at.kind);
  }
  if (at.open()) {
    std::string text = fmt::format("{} for {}", shown_in_status(at.kind),
                                   format_duration(between(at.memory->began, view.now)));
    if (!at.waiting_for.empty()) text += ": waiting for " + shown_in_status(at.waiting_for);
    return text;
  }
  const bool over = view.standing.state == RunState::Cancelled || view.standing.superseded;
  if (over) return "stopped before " + shown_in_status(at.kind);
  return (node.begun ? "next: " : "waits, first: ") + shown_in_status(at.kind);
}

Colour colour_of(const NodeStanding& node) {
  if (node.at == nullptr) return Colour::Green;
  return node.at->failed() ? Colour::Red : Colour::Plain;
}

// NODE  DONE  CORDONED  STANDS AT
std::string table(const StandingView& view, const TextStyle& style) {
  const std::vector<NodeStanding> nodes = view.standing.nodes();
  if (nodes.empty()) return "";
  const auto name = [](const NodeStanding& node) {
    return node.node.empty() ? std::string("cluster") : shown_in_status(node.node);
  };
  std::size_t widest = std::string_view("cluster").size();
  for (const NodeStanding& node : nodes) widest = std::max(widest, columns_of(name(node)));
  const auto row = [&](const std::string& node, const std::string& done,
                       const std::string& cordoned) {
    return fmt::format("  {}  {:>5}  {:<8}  ", pad(node, widest), done, cordoned);
  };
  std::string out = '\n' + row("NODE", "DONE", "CORDONED") + "STANDS AT\n";
  const bool known = view.standing.no_plan.empty();
  for (const NodeStanding& node : nodes) {
    const std::string done =
        known ? fmt::format("{}/{}", node.done, node.total) : std::to_string(node.done);
    const std::string cordoned(node.node.empty() ? "-" : cordon_name(node.cordon));
    const std::string head = row(name(node), done, cordoned);
    // Without plan nobody knows whether more was to come.
    const std::string at = node.at == nullptr && !known ? "-" : where(node, view);
    std::string line = hang(head, at, head.size(), width_of(style));
    line.replace(0, head.size(), paint(head, colour_of(node), style.color));
    out += line;
  }
  return out;
}

std::string failures(const Standing& run, const TextStyle& style) {
  std::string out;
  for (const StepStanding* step : run.failed()) {
    const std::string_view unknown =
        step->memory->status == StepStatus::Unknown ? "begun, and its outcome is not known: " : "";
    out += hang("  ",
                fmt::format("{}, attempt {}: {}{}", shown_in_status(step->id),
                            step->memory->attempt, unknown, shown_in_status(step->memory->message)),
                2, width_of(style));
    if (!step->remedy.empty())
      out += hang("    ->", shown_in_status(step->remedy), 7, width_of(style));
    if (step->has_output) {
      out += fmt::format("    output: {}/output/{}/{}.out and .err\n", shown_in_status(run.folder),
                         shown_in_status(step->id), step->memory->attempt);
    }
  }
  if (out.empty()) return "";
  return '\n' + paint("What failed", Colour::Red, style.color) + '\n' + out;
}

std::string put_off(const Standing& run, const TextStyle& style) {
  std::string out;
  for (const StepStanding* step : run.put_off()) {
    out += hang("  ",
                fmt::format("{}: put off, it waits for {}", shown_in_status(step->id),
                            shown_in_status(step->memory->deferred)),
                2, width_of(style));
  }
  if (out.empty()) return "";
  return '\n' + paint("What is put off", Colour::Yellow, style.color) + '\n' + out;
}

std::string left(const Standing& run, const TextStyle& style) {
  const auto steps = run.left();
  const bool over =
      run.superseded || run.state == RunState::Cancelled || run.state == RunState::NotBegun;
  if (steps.empty() || !run.no_plan.empty() || over) return "";
  std::vector<std::string> names;
  for (const StepStanding* step : run.next()) {
    if (names.size() == kMostNext) {
      names.emplace_back("...");
      break;
    }
    names.push_back(shown_in_status(step->id));
  }
  std::string text = fmt::format("{} left", plural(steps.size(), "step"));
  if (!names.empty()) text += ", next: " + join(names, ", ");
  return '\n' + hang("", text, 0, width_of(style));
}

std::string troubles(const Standing& run, const TextStyle& style) {
  std::string out;
  const auto add = [&](const std::string& text) {
    if (!text.empty()) out += hang("  ", shown_in_status(text), 2, width_of(style));
  };
  add(run.trouble.message);
  if (!run.trouble.remedy.empty()) {
    out += hang("    ->", shown_in_status(run.trouble.remedy), 7, width_of(style));
  }
  if (!run.no_plan.empty()) add("its plan is not known: " + run.no_plan);
  add(run.cut);
  // A stop without a failed step has its reason in the last warning.
  const bool unexplained = run.state == RunState::Failed && run.failed().empty();
  if (unexplained && !run.warnings.empty()) add(run.warnings.back());
  if (run.superseded)
    add("a later run of this cluster succeeded: nothing of this one is left to do");
  return out;
}

}  // namespace

std::string status_text(const StandingView& view, const TextStyle& style) {
  const Standing& run = view.standing;
  const Headline head = headline(run);
  std::string out = title(run) + "\n  " + paint(head.text, head.colour, style.color);
  if (run.state != RunState::Unreadable && run.state != RunState::NotBegun) {
    out += ", " + counts(run);
  }
  out += '\n';
  if (!run.began.empty()) out += "  " + times(view) + '\n';
  out += troubles(run, style);
  if (run.state != RunState::NotBegun) out += table(view, style);
  out += failures(run, style) + put_off(run, style) + left(run, style);
  if (view.next.empty()) return out;
  std::size_t widest = 0;
  for (const NextCommand& next : view.next) widest = std::max(widest, columns_of(next.line));
  out += "\nType next\n";
  for (const NextCommand& next : view.next) {
    out += hang("  " + next.line, next.about, widest + 4, width_of(style));
  }
  return out;
}

}  // namespace drover::orchestrator
