#include "orchestrator/ui/events_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using std::chrono::seconds;

constexpr std::size_t kEventMessage = 1000;

std::string lower(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

std::string object_of(const ClusterEvent& event) {
  return lower(event.object.kind) + '/' + event.object.name;
}

Colour event_colour(const ClusterEvent& event) {
  return event.is_warning() ? Colour::Yellow : Colour::Plain;
}

seconds since(plans::Timestamp then, plans::Timestamp now) {
  return std::chrono::duration_cast<seconds>(now - then);
}

std::string first_seen(const ClusterEvent& event, plans::Timestamp now) {
  const auto first = plans::parse_timestamp(event.first);
  return first ? age_text(since(*first, now)) : "-";
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string event_line(const ClusterEvent& event, bool wide, bool color) {
  const std::string times = event.count > 1 ? fmt::format(" (x{})", event.count) : "";
  const std::string where = event.object.ns.empty() ? "" : cell_text(event.object.ns) + ' ';
  const std::string source = wide ? fmt::format("  {}", cell_text(or_dash(event.source))) : "";
  const std::string line =
      fmt::format("{} {} {} {}{}  {}{}", time_of_day(event.last), pad(cell_text(event.type), 8),
                  pad(cell_text(event.reason), 20), where + cell_text(object_of(event)), source,
                  cell_text(event.message), times);
  return paint(line, event_colour(event), color) + '\n';
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

ListView<ClusterEvent> events_list(plans::Timestamp now) {
  using Event = ClusterEvent;
  return {.kind = "Events",
          .none = "There are no such events; Kubernetes keeps them for an hour.",
          .columns =
              {{"NAMESPACE", [](const Event& event) { return event.ns; }},
               {"LAST SEEN", [now](const Event& event) { return last_seen(event, now); }},
               {"TYPE", [](const Event& event) { return event.type; }},
               {"REASON", [](const Event& event) { return event.reason; }},
               {"OBJECT", object_of},
               {"PART", [](const Event& event) { return or_dash(event.object.field_path); }, true},
               {"SOURCE", [](const Event& event) { return or_dash(event.source); }, true},
               {"FIRST SEEN", [now](const Event& event) { return first_seen(event, now); }, true},
               {"COUNT", [](const Event& event) { return std::to_string(event.count); }, true},
               {"MESSAGE", [](const Event& event) { return event.message; }}},
          .fields = event_fields,
          .colour = event_colour};
}

std::string event_text(const ClusterEvent& event, const ListStyle& style) {
  if (style.is_for_programs()) return watch_document("Event", event_fields(event), style);
  return event_line(event, style.format == OutputFormat::Wide, style.color);
}

std::string event_fields(const ClusterEvent& event) {
  const ordered_json json = {{"namespace", sanitise(event.ns)},
                             {"type", sanitise(event.type)},
                             {"reason", sanitise(event.reason)},
                             {"object",
                              {{"kind", sanitise(event.object.kind)},
                               {"namespace", sanitise(event.object.ns)},
                               {"name", sanitise(event.object.name)},
                               {"field", sanitise(event.object.field_path)}}},
                             {"message", sanitise(event.message, kEventMessage)},
                             {"source", sanitise(event.source)},
                             {"count", event.count},
                             {"first", sanitise(event.first)},
                             {"last", sanitise(event.last)}};
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

}  // namespace drover::orchestrator
