#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "orchestrator/ui/columns.h"
#include "orchestrator/ui/views.h"

namespace drover::orchestrator {
namespace {

using plans::Severity;
using plans::Verdict;

constexpr std::size_t kVerdictIndent = 2;
constexpr std::size_t kMessageColumn = 24;  // column in which messages begin

/// What to write to pass a verdict over: a key with the value that the plan file takes, or an
/// option as it is.
std::string override_text(const Verdict& verdict) {
  const std::string& key = verdict.override_;
  if (key.starts_with("--")) return key;
  if (key == "preflight.ignore") return fmt::format("{}: [{}]", key, verdict.check);
  return key + ": true";  // drain.force and its like are flags
}

std::string verdict_text(const Verdict& verdict, Colour colour, const TextStyle& style) {
  const auto width = static_cast<std::size_t>(style.width);
  const std::string margin(kVerdictIndent, ' ');
  std::string text = sanitise(verdict.message);
  const std::string subject = sanitise(verdict.subject);
  if (text.find(subject) == std::string::npos && subject != "cluster") text = subject + ": " + text;
  std::string out = hang(margin + sanitise(verdict.check), text, kMessageColumn, width);
  const std::string head = margin + sanitise(verdict.check);
  out.replace(0, head.size(), paint(head, colour, style.color));
  std::string remedy = sanitise(verdict.remedy);
  if (!verdict.override_.empty() && remedy.find(verdict.override_) == std::string::npos) {
    remedy += fmt::format("{}overridden by {}", remedy.empty() ? "" : "; ", override_text(verdict));
  }
  if (!remedy.empty())
    out += hang(std::string(kMessageColumn, ' ') + "->", remedy, kMessageColumn + 3, width);
  return out;
}

struct Group {
  Severity severity;
  Colour colour;
  std::string_view one, many;
};

constexpr Group kGroups[] = {{Severity::Blocker, Colour::Red, "BLOCKER", "BLOCKERS"},
                             {Severity::Warning, Colour::Yellow, "WARNING", "WARNINGS"},
                             {Severity::Info, Colour::Dim, "NOTE", "NOTES"}};

}  // namespace

std::string verdicts_text(const std::vector<Verdict>& verdicts, const TextStyle& style) {
  std::string out;
  for (const Group& group : kGroups) {
    const auto count = std::count_if(verdicts.begin(), verdicts.end(), [&](const Verdict& v) {
      return v.severity == group.severity;
    });
    if (count == 0) continue;
    if (!out.empty()) out += '\n';
    std::string title(count == 1 ? group.one : group.many);
    if (count > 1) title += fmt::format(" ({})", count);
    out += paint(title, group.colour, style.color);
    if (group.severity == Severity::Blocker) out += "  nothing is changed while this stands";
    out += '\n';
    for (const Verdict& verdict : verdicts) {
      if (verdict.severity == group.severity) out += verdict_text(verdict, group.colour, style);
    }
  }
  return out;
}

}  // namespace drover::orchestrator
