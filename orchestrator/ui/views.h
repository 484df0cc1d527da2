#pragma once

#include <cstdio>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "orchestrator/event.h"
#include "plans/plan.h"
#include "plans/timestamp.h"

namespace drover::orchestrator {

/// One event as one JSON line (design 1.4), without the newline.
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
inline std::size_t width_of(const TextStyle& style) {
  return static_cast<std::size_t>(style.width);
}

/// Lines a person can follow: one when a step ends, with offset, node and duration; what is waited
/// for when it lasts; what went wrong, in which state nodes are and what to do, at the end. The
/// plan itself is not printed (plan_text is), only counted.
class TextView final : public EventSink {
 public:
  TextView(std::FILE* out, TextStyle style) : out_(out), style_(style) {}
  void on(const Event& event) override;

  /// Time passes without events: redraws the live line, or says what still lasts. About once a
  /// second; `time` as in Event. Coordinator's thread.
  void tick(const std::string& time) override;

 private:
  struct Running {
    StepRef step;
    plans::Timestamp since;
    std::string waiting_for;
    plans::Timestamp waiting_since;
    plans::Timestamp said;     ///< when the last line about it was printed, or when it began
    std::string said_waiting;  ///< the wait that was printed last
  };
  struct Failure {
    StepRef step;
    StepStatus status = StepStatus::Failed;
    Error error;
  };
  /// A line of the log.
  struct Row {
    std::string_view mark;
    std::string_view node = {}, kind = {};
    std::string duration = {};
    std::string_view text = {};
  };

  void take(const RunStarted& event);
  void take(const PlanMade& event);
  void take(const StepStarted& event);
  void take(const StepProgress& event);
  void take(const StepFinished& event);
  void take(const DrainChanged& event);
  void take(const StepDeferred& event);
  void take(const Warning& event);
  void take(const RunPaused& event);
  void take(const RunFinished& event);

  void add(const Row& row);
  void add_lines(std::string_view text, std::string_view margin);
  void say_what_lasts();
  std::string counts() const;
  std::string elapsed_since(plans::Timestamp then) const;
  void add_success();
  void add_failures();
  void add_nodes();
  std::string live_line() const;
  void draw();

  std::FILE* out_;
  TextStyle style_;
  std::string run_, cluster_, target_;
  std::string work_;    ///< of a node command, in place of a target
  bool began_ = false;  ///< a step has
  plans::Timestamp start_{}, now_{};
  std::size_t total_ = 0, skipped_ = 0, warnings_ = 0;
  std::set<std::string> done_;  ///< step ids
  std::size_t node_width_ = std::string_view("cluster").size();
  std::map<std::string, Running> running_;  ///< by step id
  std::vector<Failure> failures_;
  std::set<std::string> put_off_;   ///< nodes that are being given back, to come again
  std::set<std::string> cordoned_;  ///< nodes between their cordon and their uncordon
  std::string lines_;               ///< whole lines that are not written yet
  std::string shown_;               ///< the live line that stands on the terminal
};

/// The plan as a tired operator can read it at 3 a.m.: where from and to, what blocks, the ordered
/// steps a node with their reasons, foreseen evictions, estimate, what to type next. `commands`
/// adds the exact text of every node command and request template. `apply` is the command that
/// would carry the plan out, as it is typed; without it nothing is said about what to type.
std::string plan_text(const plans::Plan& plan, const TextStyle& style, bool commands,
                      std::string_view apply = "");

/// The same of the steps alone, with the frame and the exact text of each command and request.
std::string steps_text(const plans::Plan& plan, const TextStyle& style);

/// The verdicts alone, blockers first: `check`.
std::string verdicts_text(const std::vector<plans::Verdict>& verdicts, const TextStyle& style);

/// An error with its remedy and the last of what the other side said, for stderr (S13: sanitised).
std::string error_text(const Error& error, const TextStyle& style);

}  // namespace drover::orchestrator
