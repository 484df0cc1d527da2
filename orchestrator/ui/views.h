#pragma once

#include <cstdio>
#include <string>

#include "orchestrator/event.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// One event as one JSON line (design 1.4), without the newline. `plan_json` renders a plan.
std::string json_line(const Event& event);

/// Writes each event as a JSON line to `out` and flushes.
class JsonView final : public EventSink {
 public:
  explicit JsonView(std::FILE* out) : out_(out) {}
  void on(const Event& event) override;

 private:
  std::FILE* out_;
};

/// How a text view may draw.
struct TextStyle {
  bool color = false;
  bool live = false;  ///< a terminal: progress is redrawn in place on the last line
  int width = 100;    ///< columns
};

/// Lines a person can follow: one a step's start of waiting and end, with offset, node and duration;
/// what is waited for while it lasts; a summary and the next step at the end.
class TextView final : public EventSink {
 public:
  TextView(std::FILE* out, TextStyle style) : out_(out), style_(style) {}
  void on(const Event& event) override;

 private:
  std::FILE* out_;
  TextStyle style_;
  /* state for offsets, totals and the live line */
};

/// The plan as a tired operator can read it at 3 a.m.: where from and to, what blocks, the ordered
/// steps a node with their reasons, foreseen evictions, estimate, what to type next. `commands` adds
/// the exact text of every node command and request template.
std::string plan_text(const plans::Plan& plan, const TextStyle& style, bool commands);

/// The verdicts alone, blockers first: `check`.
std::string verdicts_text(const std::vector<plans::Verdict>& verdicts, const TextStyle& style);

/// An error with its remedy, for stderr. Remote text is sanitised (S13).
std::string error_text(const Error& error, const TextStyle& style);

}  // namespace drover::orchestrator
