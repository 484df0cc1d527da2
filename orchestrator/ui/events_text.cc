#include "orchestrator/ui/events_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/table.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using std::chrono::seconds;

constexpr std::size_t kMessage = 1000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string object_of(const ClusterEvent& event) {
  return sanitise(lower(event.object.kind) + '/' + event.object.name);
}

/// On one line, whatever the other side wrote.
std::string message_of(const ClusterEvent& event) {
  return join(split_words(sanitise(event.message, kMessage)), " ");
}

Colour colour_of(const ClusterEvent& event) {
  return event.is_warning() ? Colour::Yellow : Colour::Plain;
}

seconds since(plans::Timestamp then, plans::Timestamp now) {
  return std::chrono::duration_cast<seconds>(now - then);
}

ordered_json fields_of(const ClusterEvent& event) {
  return {{"namespace", sanitise(event.ns)},
          {"type", sanitise(event.type)},
          {"reason", sanitise(event.reason)},
          {"object",
           {{"kind", sanitise(event.object.kind)},
            {"namespace", sanitise(event.object.ns)},
            {"name", sanitise(event.object.name)},
            {"field", sanitise(event.object.field_path)}}},
          {"message", sanitise(event.message, kMessage)},
          {"source", sanitise(event.source)},
          {"count", event.count},
          {"first", sanitise(event.first)},
          {"last", sanitise(event.last)}};
}

std::string line_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

}  // namespace

std::string age_text(seconds age) {
  const long long s = std::max<long long>(age.count(), 0);
  constexpr long long kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
  const auto two = [s](long long unit, long long part, char a, char b) {
    const long long rest = s % unit / part;
    return rest == 0 ? fmt::format("{}{}", s / unit, a)
                     : fmt::format("{}{}{}{}", s / unit, a, rest, b);
  };
  if (s < 2 * kMinute) return fmt::format("{}s", s);
  if (s < 10 * kMinute) return two(kMinute, 1, 'm', 's');
  if (s < 3 * kHour) return fmt::format("{}m", s / kMinute);
  if (s < 8 * kHour) return two(kHour, kMinute, 'h', 'm');
  if (s < 2 * kDay) return fmt::format("{}h", s / kHour);
  if (s < 8 * kDay) return two(kDay, kHour, 'd', 'h');
  return fmt::format("{}d", s / kDay);
}

std::string last_seen(const ClusterEvent& event, plans::Timestamp now) {
  const auto last = plans::parse_timestamp(event.last);
  if (!last) return "-";
  const std::string ago = age_text(since(*last, now));
  const auto first = plans::parse_timestamp(event.first);
  if (event.count < 2 || !first) return ago;
  return fmt::format("{} (x{} over {})", ago, event.count, age_text(since(*first, now)));
}

std::string events_text(const std::vector<ClusterEvent>& events, plans::Timestamp now, bool color) {
  if (events.empty()) return "There are no such events; Kubernetes keeps them for an hour.\n";
  std::vector<std::vector<Cell>> lines = {
      text_row({"NAMESPACE", "LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"})};
  for (const ClusterEvent& event : events) {
    lines.push_back(text_row({sanitise(event.ns), last_seen(event, now), sanitise(event.type),
                              sanitise(event.reason), object_of(event), message_of(event)},
                             colour_of(event)));
  }
  return table(lines, color);
}

std::string event_line(const ClusterEvent& event, bool color) {
  const std::string times = event.count > 1 ? fmt::format(" (x{})", event.count) : "";
  const std::string line = fmt::format(
      "{} {} {} {}  {}{}", time_of_day(event.last), pad(sanitise(event.type), 8),
      pad(sanitise(event.reason), 20),
      (event.object.ns.empty() ? "" : sanitise(event.object.ns) + ' ') + object_of(event),
      message_of(event), times);
  return paint(line, colour_of(event), color) + '\n';
}

std::string events_json(const std::string& cluster, const std::vector<ClusterEvent>& events) {
  ordered_json json = {{"v", 1}, {"kind", "Events"}, {"cluster", cluster}};
  json["items"] = ordered_json::array();
  for (const ClusterEvent& event : events) json["items"].push_back(fields_of(event));
  return line_of(json);
}

std::string event_json(const std::string& cluster, const ClusterEvent& event) {
  ordered_json json = {{"v", 1}, {"kind", "Event"}, {"cluster", cluster}};
  json.update(fields_of(event));
  return line_of(json);
}

}  // namespace drover::orchestrator
