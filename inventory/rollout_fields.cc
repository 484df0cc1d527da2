#include "inventory/rollout_fields.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"

namespace drover {
namespace {

using std::chrono::seconds;

/// The value of `names` that stands at `field`.
template <class Value, size_t N>
std::optional<Value> one_of(const YamlField& field, const std::array<Value, N>& values,
                            std::string_view (*name)(Value), std::string_view what) {
  const auto text = field.text();
  if (!text) return std::nullopt;
  std::vector<std::string> names;
  for (const Value value : values) {
    if (name(value) == *text) return value;
    names.emplace_back(name(value));
  }
  field.refuse(fmt::format("{} says not {}", shown(*text), what), "allowed: " + join(names, ", "));
  return std::nullopt;
}

// Numbers and shares of an unknown whole cannot be compared; neighbours of one kind can.
void read_ramp(const YamlField& field, std::vector<Share>& ramp) {
  const Share* before = nullptr;
  std::vector<Share> widths;
  const auto items = field.items();
  widths.reserve(items.size());
  for (const YamlField& item : items) {
    const auto share = read_share(item);
    if (!share) continue;
    const bool comparable = before != nullptr && before->percent == share->percent;
    if (comparable && share->value < before->value) {
      item.refuse(fmt::format("{} after {} narrows", share->str(), before->str()),
                  "write widths that grow, for example [1, 4, 10%]");
    }
    widths.push_back(*share);
    before = &widths.back();
  }
  ramp = std::move(widths);
}

void read_workers(const YamlField& field, RolloutPolicy& policy) {
  field.check_keys("workers");
  set(policy.max_unavailable, read_share(field["max_unavailable"]));
  set(policy.canary, field["canary"].whole(0));
  read_ramp(field["ramp"], policy.ramp);
  if (const auto most = field["per_domain"].whole(1)) policy.per_domain = *most;
  set(policy.order, one_of(field["order"], std::array{WorkerOrder::Auto, WorkerOrder::Inventory},
                           order_name, "in which order"));
  set(policy.on_blocked,
      one_of(field["on_blocked"], std::array{OnBlocked::Defer, OnBlocked::Wait, OnBlocked::Fail},
             on_blocked_name, "what to do"));
}

void read_pause(const YamlField& field, PausePolicy& pause) {
  field.check_keys("pause");
  set(pause.after_canary, field["after_canary"].flag());
  set(pause.after_control_plane, field["after_control_plane"].flag());
  set(pause.between_nodes, field["between_nodes"].duration(seconds(0)));
}

void read_days(const YamlField& field, MaintenanceWindow& window) {
  if (!field.written()) return window.days.fill(true);
  const auto items = field.items();
  for (const YamlField& item : items) {
    const auto text = item.text();
    if (!text) continue;
    const auto day = std::find(kDayNames.begin(), kDayNames.end(), *text);
    if (day == kDayNames.end()) {
      item.refuse(fmt::format("{} is not a day", shown(*text)),
                  "allowed: mon, tue, wed, thu, fri, sat, sun");
      continue;
    }
    bool& open = window.days.at(static_cast<size_t>(day - kDayNames.begin()));
    if (open) item.refuse(fmt::format("{} stands in the list twice", *text), "leave one out");
    open = true;
  }
  if (items.empty() && field.is_list()) {
    field.refuse("no day: nothing could ever be begun", "leave it out for every day");
  }
}

void read_clock(const YamlField& field, std::string_view edge, std::chrono::minutes& value) {
  field.require(fmt::format("write when the window {}, for example \"01:00\"", edge));
  const auto text = field.text();
  if (!text) return;
  const auto clock = parse_clock(*text);
  if (clock) {
    value = *clock;
  } else {
    field.refuse(fmt::format("{} is not a time of day", shown(*text)),
                 "write HH:MM, from \"00:00\" to \"24:00\"");
  }
}

// Such names are paths below a folder: what else a path may hold must not be in them (S19).
bool zone_like(std::string_view name) {
  const bool plain = std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '+' || c == '-' || c == '/';
  });
  return plain && !name.empty() && name.size() <= 64 && name.front() != '/' && name.back() != '/' &&
         name.find("//") == std::string_view::npos;
}

void read_zone(const YamlField& field, MaintenanceWindow& window) {
  const auto text = field.text();
  if (!text) return;
  window.timezone_line = field.place().line;
  window.timezone_column = field.place().column;
  if (zone_like(*text)) {
    window.timezone = *text;
  } else {
    field.refuse(fmt::format("{} is not the name of a time zone", shown(*text)),
                 "write a name such as Europe/Berlin or UTC");
  }
}

void read_window(const YamlField& field, std::optional<MaintenanceWindow>& window) {
  field.check_keys("window");
  if (!field.is_map()) return;
  MaintenanceWindow read;
  read_days(field["days"], read);
  read_clock(field["start"], "opens", read.start);
  read_clock(field["end"], "closes", read.end);
  read_zone(field["timezone"], read);
  if (read.start == read.end && field["start"].written() && field["end"].written()) {
    field["end"].refuse("the same as start", "for a whole day write \"00:00\" to \"24:00\"");
  } else if (read.start == std::chrono::hours{24}) {
    field["start"].refuse("\"24:00\" is the next day's \"00:00\"", "write \"00:00\"");
  }
  window = std::move(read);
}

}  // namespace

void read_rollout(const YamlField& top, RolloutPolicy& policy) {
  read_workers(top["workers"], policy);
  read_pause(top["pause"], policy.pause);
  read_window(top["window"], policy.window);
  top["failure"].check_keys("failure");
  set(policy.max_failed_nodes, top["failure"]["max_failed_nodes"].whole(0));
}

}  // namespace drover
