#include "orchestrator/ui/describe_parts.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/words.h"
#include "plans/maintenance.h"
#include "plans/steps/reading.h"

namespace drover::orchestrator {
namespace {

constexpr std::size_t kPartIndent = 14;
constexpr std::size_t kWidth = 120;
constexpr std::size_t kMostPartNames = 6;
constexpr std::size_t kText = 1000;

std::string one_line_of(const std::string& text) {
  return join(split_words(sanitise(plans::in_options(text), kText)), " ");
}

}  // namespace

std::string age_since(const std::string& time, plans::Timestamp now) {
  const auto then = plans::parse_timestamp(time);
  if (!then || *then > now) return "-";
  return age_text(std::chrono::duration_cast<std::chrono::seconds>(now - *then));
}

std::string field_line(const std::string& name, const std::string& text, Colour colour,
                       bool color) {
  if (text.empty()) return "";
  std::string out;
  std::string front = "  " + name;
  for (const std::string& line : wrap(one_line_of(text), kWidth - kPartIndent)) {
    out += pad(front, kPartIndent) + paint(line, colour, color) + '\n';
    front.clear();
  }
  return out;
}

std::string heading(const std::string& text, bool color) {
  return '\n' + paint(text, Colour::Bold, color) + '\n';
}

std::string troubles_text(const std::vector<plans::Trouble>& troubles, plans::Timestamp now,
                          bool color) {
  std::string out;
  for (const plans::Trouble& trouble : troubles) {
    const std::string age = age_since(trouble.since, now);
    const std::string text = one_line_of(trouble.text) + (age == "-" ? "" : ", " + age + " ago");
    std::string front = "! ";
    for (const std::string& line : wrap(text, kWidth - front.size())) {
      out += paint(front + line, Colour::Red, color) + '\n';
      front = "  ";
    }
  }
  return out;
}

std::vector<DrainLine> drain_lines(const plans::ForeseenDrain& drain) {
  std::vector<DrainLine> lines;
  const auto add = [&](const std::string& text, Colour colour) {
    lines.push_back({one_line_of(text), colour});
  };
  const auto names = [&](const char* what, const std::vector<std::string>& pods, Colour colour) {
    if (!pods.empty()) add(what + plans::some_of(pods, kMostPartNames), colour);
  };
  for (const std::string& why : drain.blocked_by) add("never: " + why, Colour::Red);
  for (const std::string& why : drain.pending) add("would wait: " + why, Colour::Yellow);
  names("lost with their emptyDir volumes: ", drain.loses_data, Colour::Plain);
  names("started again by nothing: ", drain.gone_for_good, Colour::Yellow);
  names("the only one of its kind, away until it runs elsewhere: ", drain.single_replicas,
        Colour::Plain);
  return lines;
}

std::string events_part(const std::vector<ClusterEvent>& events, plans::Timestamp now, bool color) {
  if (events.empty()) return "\nNo events; Kubernetes keeps them for an hour.\n";
  return heading("Events", color) + list_text(events_list(now), events, {.color = color});
}

}  // namespace drover::orchestrator
