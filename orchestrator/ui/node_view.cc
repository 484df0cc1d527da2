#include "orchestrator/ui/node_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/detail_text.h"
#include "plans/maintenance.h"

namespace drover::orchestrator {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kViewMessageBytes = 1000;
constexpr auto kLasts = 2s;   // a wait shorter than this is not worth a line
constexpr auto kAgain = 60s;  // after this long the same is said once more

std::string shown_in_view(const std::string& text) { return sanitise(text, kViewMessageBytes); }

/// What stands behind "node/w1 " when a step has ended well; "": nothing is said.
std::string_view outcome(std::string_view kind, bool changed) {
  if (kind == "cordon") return changed ? "cordoned" : "already cordoned";
  if (kind == "drain") return "drained";
  if (kind == "reboot") return changed ? "rebooted" : "was rebooted already";
  if (kind == "node-healthy") return "is well";
  if (kind == "static-pods-healthy") return "has its static pods back";
  if (kind == "uncordon") return changed ? "uncordoned" : "already uncordoned";
  return "";
}

/// What was wanted: behind "unable to ".
std::string_view intention(std::string_view kind) {
  if (kind == "node-healthy" || kind == "static-pods-healthy")
    return "see the end of the reboot of";
  if (kind == "settled") return "see the lasting health of";
  return kind;
}

}  // namespace

void NodeView::on(const Event& event) {
  if (const auto time = plans::parse_timestamp(event.time)) now_ = *time;
  std::visit([this](const auto& what) { take(what); }, event.what);
  say_what_lasts();
}

void NodeView::tick(const std::string& time) {
  if (const auto now = plans::parse_timestamp(time)) now_ = *now;
  say_what_lasts();
}

void NodeView::evicting(const std::string&, const std::string& pod, bool deletes) {
  print(out_, fmt::format("{} pod {}", deletes ? "deleting" : "evicting", shown_in_view(pod)));
}

void NodeView::not_evicted(const std::string&, const std::string& pod, const std::string& why) {
  const std::size_t slash = pod.find('/');
  print(err_, fmt::format("error when evicting pods/\"{}\" -n \"{}\" (will be tried again): {}",
                          shown_in_view(pod.substr(slash + 1)), shown_in_view(pod.substr(0, slash)),
                          shown_in_view(why)));
}

void NodeView::gone(const std::string&, const std::string& pod, bool deleted) {
  print(out_, fmt::format("pod/{} {}", shown_in_view(pod.substr(pod.find('/') + 1)),
                          deleted ? "deleted" : "evicted"));
}

void NodeView::take(const PlanMade& event) {
  for (const plans::Step& step : event.plan.steps) nodes_[step.node] = step.param("node");
}

void NodeView::take(const StepStarted& event) { running_[event.step.id] = {.step = event.step}; }

void NodeView::take(const StepProgress& event) {
  const auto found = running_.find(event.step.id);
  if (found == running_.end() || found->second.waiting_for == event.waiting_for) return;
  found->second = {event.step, event.waiting_for, now_, {}};
}

void NodeView::take(const StepFinished& event) {
  running_.erase(event.step.id);
  if (!went_well(event.status)) return complain_of(event);
  const bool changed = event.status == StepStatus::Succeeded;
  if (event.message.starts_with("left cordoned")) return;  // its warning has told
  const std::string_view text = outcome(event.step.kind, changed);
  if (!text.empty()) print(out_, fmt::format("{} {}", node(event.step), text));
}

void NodeView::complain_of(const StepFinished& event) {
  if (event.status == StepStatus::Cancelled) return;
  std::string text =
      fmt::format("{} unable to {} {}: {}", paint("error:", Colour::Red, style_.color),
                  intention(event.step.kind), node(event.step),
                  shown_in_view(plans::in_options(event.error.message)));
  if (event.status == StepStatus::Unknown) text += " (begun, and its outcome is not known)";
  const std::string detail = detail_text(event.error, 10, "    ");
  if (!detail.empty()) text += '\n' + detail.substr(0, detail.size() - 1);
  if (!event.error.remedy.empty()) {
    text += "\n  -> " + shown_in_view(plans::in_options(event.error.remedy));
  }
  print(err_, text);
}

void NodeView::take(const DrainChanged& event) {
  print(err_, fmt::format("note: {}", shown_in_view(event.message)));
}

void NodeView::take(const StepDeferred& event) {
  print(err_,
        fmt::format("note: {} was put off, {}", node(event.step),
                    event.comes_again ? "to be tried once more at the end" : "and left over"));
}

void NodeView::take(const Warning& event) {
  if (event.code == "cordoned-by-others") return;  // "already cordoned" tells it
  print(err_, fmt::format("{} {}", paint("Warning:", Colour::Yellow, style_.color),
                          shown_in_view(event.message)));
}

void NodeView::take(const RunPaused& event) {
  print(err_, "paused: " + shown_in_view(event.reason));
}

void NodeView::take(const RunFinished& event) {
  running_.clear();
  for (const std::string& line : split_lines(event.message)) print(err_, shown_in_view(line));
}

std::string NodeView::node(const StepRef& step) const {
  const auto name = nodes_.find(step.node);
  return "node/" +
         shown_in_view(name == nodes_.end() || name->second.empty() ? step.node : name->second);
}

void NodeView::say_what_lasts() {
  for (auto& [id, step] : running_) {
    if (step.waiting_for.empty() || now_ - step.waiting_since < kLasts) continue;
    const bool said = step.said != plans::Timestamp{};
    if (said && now_ - step.said < kAgain) continue;
    const auto lasts = std::chrono::duration_cast<std::chrono::seconds>(now_ - step.waiting_since);
    step.said = now_;
    print(out_,
          fmt::format("{}: waiting for {}{}", node(step.step), shown_in_view(step.waiting_for),
                      said ? fmt::format(" ({})", format_duration(lasts)) : ""));
  }
}

void NodeView::print(std::FILE* to, const std::string& line) {
  const std::lock_guard lock(printing_);
  std::fputs((line + '\n').c_str(), to);
  std::fflush(to);
}

}  // namespace drover::orchestrator
