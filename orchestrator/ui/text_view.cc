#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/detail_text.h"
#include "orchestrator/ui/views.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using namespace std::chrono_literals;
using plans::Timestamp;

constexpr std::size_t kKindColumn = 21;  // of "control-plane-healthy"
constexpr std::size_t kLineMessageBytes = 1000;
constexpr auto kWorthALine = 5s;  // a wait shorter than this is not worth a line
constexpr auto kQuiet = 60s;      // the longest that nothing is said of a running step
constexpr std::string_view kOffsetIndent = "       ";  // width of an offset

std::chrono::seconds whole_seconds(Timestamp::duration time) {
  return std::chrono::duration_cast<std::chrono::seconds>(std::max(time, Timestamp::duration{0}));
}

// "02:31", from an hour on "1:02:31".
std::string offset_text(std::chrono::seconds time) {
  const auto hours = time.count() / 3600;
  const auto minutes = time.count() / 60 % 60;
  const auto seconds = time.count() % 60;
  if (hours > 0) return fmt::format("{}:{:02}:{:02}", hours, minutes, seconds);
  return fmt::format("{:02}:{:02}", minutes, seconds);
}

std::string_view shown_node(const StepRef& step) {
  return step.node.empty() ? std::string_view("cluster") : std::string_view(step.node);
}

struct Mark {
  std::string_view text;
  Colour colour;
};

constexpr Mark kMarks[] = {{"ok", Colour::Green},    {"skip", Colour::Dim},
                           {"FAIL", Colour::Red},    {"LOST", Colour::Red},
                           {"stop", Colour::Yellow}, {"...", Colour::Dim},
                           {"warn", Colour::Yellow}, {"note", Colour::Yellow}};

std::string_view mark_of(StepStatus status) {
  switch (status) {
    case StepStatus::Succeeded:
      return "ok";
    case StepStatus::Skipped:
      return "skip";
    case StepStatus::Failed:
      return "FAIL";
    case StepStatus::Unknown:
      return "LOST";  // begun, and what became of it is not known
    case StepStatus::Cancelled:
      return "stop";
  }
  return "";
}

Colour colour_of(std::string_view mark) {
  const auto found = std::find_if(std::begin(kMarks), std::end(kMarks),
                                  [&](const Mark& one) { return one.text == mark; });
  return found == std::end(kMarks) ? Colour::Plain : found->colour;
}

}  // namespace

void TextView::on(const Event& event) {
  if (const auto time = plans::parse_timestamp(event.time)) now_ = *time;
  run_ = event.run;
  std::visit([this](const auto& what) { take(what); }, event.what);
  say_what_lasts();
  draw();
}

void TextView::tick(const std::string& time) {
  if (const auto now = plans::parse_timestamp(time)) now_ = *now;
  say_what_lasts();
  draw();
}

void TextView::take(const RunStarted& event) {
  cluster_ = sanitise(event.cluster);
  target_ = sanitise(event.target);
}

void TextView::take(const PlanMade& event) {
  total_ = event.plan.steps.size();
  work_ = sanitise(event.plan.work);
  done_ = {event.done.begin(), event.done.end()};
  for (const plans::Step& step : event.plan.steps) {
    node_width_ = std::max(node_width_, columns_of(step.node));
  }
}

void TextView::take(const StepStarted& event) {
  // Offsets count from the first step: a question may have stood unanswered before it.
  if (!began_) {
    began_ = true;
    start_ = now_;
    const std::string what = work_.empty() ? " to " + target_ : ", " + work_;
    lines_ += fmt::format("{}  run {}: cluster {}{}, {}\n", offset_text(0s), sanitise(run_),
                          cluster_, what, plural(total_, "step"));
  }
  std::erase_if(failures_, [&](const Failure& f) { return f.step.id == event.step.id; });
  running_[event.step.id] = {event.step, now_, "", now_, now_, ""};
}

void TextView::take(const StepProgress& event) {
  const auto found = running_.find(event.step.id);
  if (found == running_.end() || found->second.waiting_for == event.waiting_for) return;
  found->second.waiting_for = event.waiting_for;
  found->second.waiting_since = now_;
}

void TextView::take(const StepFinished& event) {
  running_.erase(event.step.id);
  // A node that is given back is not through with its turn, whatever ends well there.
  const bool gives_back = event.step.kind == "uncordon" && put_off_.erase(event.step.node) > 0;
  if (went_well(event.status)) {
    if (!gives_back) done_.insert(event.step.id);
    skipped_ += event.status == StepStatus::Skipped;
    if (event.step.kind == "cordon") cordoned_.insert(event.step.node);
    if (event.step.kind == "uncordon") cordoned_.erase(event.step.node);
  } else if (event.status != StepStatus::Cancelled) {
    failures_.push_back({event.step, event.status, event.error});
  }
  std::string text = went_well(event.status) ? event.message : event.error.message;
  const std::vector<std::string> lines = split_lines(text);
  if (lines.size() > 1) text.clear();
  if (event.attempt > 1) text = fmt::format("(attempt {}) {}", event.attempt, text);
  add({mark_of(event.status), shown_node(event.step), event.step.kind,
       duration_text(event.duration_s), text});
  if (lines.size() > 1) {
    for (const std::string& line : lines) add_lines(line, kOffsetIndent);
  }
}

void TextView::take(const DrainChanged& event) {
  const std::string text = event.message.empty() ? join(event.pods, ", ") : event.message;
  add({"note", shown_node(event.step), event.step.kind, "", text});
}

void TextView::take(const StepDeferred& event) {
  if (event.comes_again) {
    std::erase_if(failures_, [&](const Failure& f) { return f.step.id == event.step.id; });
  }
  const std::string turn = event.step.id.substr(0, event.step.id.rfind('/'));
  done_.erase(turn + "/cordon");
  put_off_.insert(event.step.node);
  add({"note", shown_node(event.step), event.step.kind, "",
       fmt::format("put off, {}; it waits for {}",
                   event.comes_again ? "to be tried once more at the end" : "and left over",
                   join(event.blocked_by, "; "))});
}

void TextView::take(const Warning& event) {
  ++warnings_;
  add({.mark = "warn", .text = event.message});
}

void TextView::take(const RunPaused& event) {
  add({.mark = "note", .text = "paused: " + event.reason});
}

void TextView::take(const RunFinished& event) {
  running_.clear();
  if (began_) {
    lines_ += '\n';
    const std::string after = elapsed_since(start_);
    if (event.status == RunStatus::Succeeded && !event.left.empty()) {
      lines_ += fmt::format("Looked at {}: {} left to do\n", plural(done_.size(), "step"),
                            event.left.size());
    } else if (event.status == RunStatus::Succeeded) {
      add_success();
    } else if (event.status == RunStatus::Interrupted) {
      lines_ +=
          paint(fmt::format("Stopped after {}", after), Colour::Yellow, style_.color) + counts();
    } else {
      lines_ += paint(fmt::format("FAILED after {}", after), Colour::Red, style_.color) + counts();
    }
    add_failures();
    add_nodes();
  }
  add_lines(event.message, "");
}

void TextView::add(const Row& row) {
  std::string line =
      offset_text(whole_seconds(began_ ? now_ - start_ : Timestamp::duration{0})) + "  ";
  line += paint(pad(row.mark, 4), colour_of(row.mark), style_.color) + "  ";
  if (!row.node.empty()) {
    line += pad(row.node, node_width_) + "  " + pad(row.kind, kKindColumn) + "  " +
            fmt::format("{:>6}", row.duration) + "  ";
  }
  line += sanitise(row.text, kLineMessageBytes);
  line.erase(line.find_last_not_of(' ') + 1);
  lines_ += line + '\n';
}

void TextView::add_lines(std::string_view text, std::string_view margin) {
  for (const std::string& line : split_lines(text)) {
    lines_.append(margin).append(sanitise(line, kLineMessageBytes)).append("\n");
  }
}

// On a terminal the live line tells it.
void TextView::say_what_lasts() {
  if (style_.live) return;
  for (auto& [id, step] : running_) {
    const bool news = !step.waiting_for.empty() && step.waiting_for != step.said_waiting &&
                      now_ - step.waiting_since >= kWorthALine;
    if (!news && now_ - step.said < kQuiet) continue;
    const std::string text = step.waiting_for.empty()
                                 ? std::string("still running")
                                 : fmt::format("waiting for {}", step.waiting_for);
    add({"...", shown_node(step.step), step.step.kind, elapsed_since(step.since), text});
    step.said = now_;
    step.said_waiting = step.waiting_for;
  }
}

std::string TextView::elapsed_since(Timestamp then) const {
  return format_duration(whole_seconds(now_ - then));
}

std::string TextView::counts() const {
  return fmt::format(", {} of {} done\n", done_.size(), plural(total_, "step"));
}

void TextView::add_success() {
  const std::string what =
      work_.empty() ? fmt::format("cluster {} is at {}", cluster_, target_) : work_;
  lines_ += paint("Done: " + what, Colour::Green, style_.color);
  lines_ += fmt::format(", {} in {}", plural(done_.size(), "step"), elapsed_since(start_));
  if (skipped_ > 0) lines_ += fmt::format(", {} of them already so", skipped_);
  if (warnings_ > 0) lines_ += fmt::format(", {}", plural(warnings_, "warning"));
  lines_ += '\n';
}

void TextView::add_failures() {
  constexpr std::size_t kDetailLines = 10;
  for (const Failure& failure : failures_) {
    lines_ += fmt::format("  {}: ", failure.step.id);
    if (failure.status == StepStatus::Unknown) lines_ += "begun, and its outcome is not known: ";
    lines_ += sanitise(failure.error.message, kLineMessageBytes) + '\n';
    lines_ += detail_text(failure.error, kDetailLines, "    ");
    if (!failure.error.remedy.empty()) {
      lines_ += fmt::format("    -> {}\n", sanitise(failure.error.remedy, kLineMessageBytes));
    }
  }
}

void TextView::add_nodes() {
  for (const std::string& node : cordoned_) {
    lines_ += fmt::format("  {} is left cordoned: no new pods are started there\n", node);
  }
}

std::string TextView::live_line() const {
  if (!style_.live || running_.empty()) return "";
  const Running& oldest =
      std::min_element(running_.begin(), running_.end(), [](const auto& a, const auto& b) {
        return a.second.since < b.second.since;
      })->second;
  std::string line =
      fmt::format("{}  [{}/{}]  {} {} {}", offset_text(whole_seconds(now_ - start_)), done_.size(),
                  total_, shown_node(oldest.step), oldest.step.kind, elapsed_since(oldest.since));
  if (running_.size() > 1) line += fmt::format(" (and {} more)", running_.size() - 1);
  if (!oldest.waiting_for.empty()) {
    line += fmt::format(", waiting for {}", sanitise(oldest.waiting_for, kLineMessageBytes));
  }
  // The last column stays free: some terminals wrap as soon as it is written.
  return cut(line, static_cast<std::size_t>(std::max(style_.width, 2)) - 1);
}

// One write for all that changed, so that nothing flickers.
void TextView::draw() {
  const std::string live = live_line();
  if (lines_.empty() && live == shown_) return;
  const std::string out = (shown_.empty() ? "" : "\r\x1b[K") + lines_ + live;
  lines_.clear();
  shown_ = live;
  std::fwrite(out.data(), 1, out.size(), out_);
  std::fflush(out_);
}

}  // namespace drover::orchestrator
