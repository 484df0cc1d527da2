#include "plans/rollout/rollout_file.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "inventory/base/text.h"

namespace drover::plans {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

ordered_json window_json(const MaintenanceWindow& window) {
  ordered_json object = {{"days", ordered_json::array()},
                         {"start", clock_of(window.start)},
                         {"end", clock_of(window.end)},
                         {"timezone", window.timezone}};
  for (size_t day = 0; day < window.days.size(); ++day) {
    if (window.days[day]) object["days"].push_back(kDayNames[day]);
  }
  return object;
}

template <class Value, size_t N>
Value named(const std::string& name, const std::array<Value, N>& values,
            std::string_view (*name_of)(Value)) {
  for (const Value value : values) {
    if (name_of(value) == name) return value;
  }
  throw std::invalid_argument("the unknown word " + name);
}

std::chrono::minutes read_clock(const json& object, const char* key) {
  const auto clock = parse_clock(object.at(key).get<std::string>());
  if (!clock) throw std::invalid_argument(std::string("no time of day at ") + key);
  return *clock;
}

MaintenanceWindow read_window(const json& object) {
  MaintenanceWindow window{.start = read_clock(object, "start"),
                           .end = read_clock(object, "end"),
                           .timezone = object.at("timezone").get<std::string>()};
  for (const json& day : object.at("days")) {
    for (size_t i = 0; i < kDayNames.size(); ++i) {
      if (kDayNames[i] == day.get<std::string>()) window.days[i] = true;
    }
  }
  return window;
}

PausePolicy read_pause(const json& object) {
  return {.after_canary = object.at("after_canary").get<bool>(),
          .after_control_plane = object.at("after_control_plane").get<bool>(),
          .between_nodes = std::chrono::seconds(object.at("between_nodes_s").get<int>())};
}

Rollout read_object(const json& object) {
  Rollout rollout;
  rollout.budget = object.at("budget").get<int>();
  rollout.canary = object.at("canary").get<int>();
  rollout.ramp = object.at("ramp").get<std::vector<int>>();
  rollout.drains_at_once = object.value("drains_at_once", 0);
  rollout.per_domain = object.at("per_domain").get<int>();
  rollout.order = named(object.at("order").get<std::string>(),
                        std::array{WorkerOrder::Auto, WorkerOrder::Inventory}, order_name);
  rollout.on_blocked =
      named(object.at("on_blocked").get<std::string>(),
            std::array{OnBlocked::Defer, OnBlocked::Wait, OnBlocked::Fail}, on_blocked_name);
  rollout.max_failed = object.at("max_failed_nodes").get<int>();
  rollout.pause = read_pause(object.at("pause"));
  if (const auto window = object.find("window"); window != object.end()) {
    rollout.window = read_window(*window);
  }
  rollout.patience = std::chrono::seconds(object.at("patience_s").get<int>());
  for (const json& group : object.at("groups")) {
    rollout.groups.push_back({group.at("name").get<std::string>(), group.at("most").get<int>(),
                              group.at("hosts").get<std::vector<std::string>>()});
  }
  for (const json& worker : object.at("workers")) {
    rollout.workers.push_back({worker.at("node").get<std::string>(),
                               worker.value("host", std::string()),
                               worker.value("domain", std::string())});
  }
  return rollout;
}

}  // namespace

std::string rollout_json(const Rollout& rollout) {
  ordered_json object = {{"budget", rollout.budget},
                         {"canary", rollout.canary},
                         {"ramp", rollout.ramp},
                         {"per_domain", rollout.per_domain},
                         {"order", order_name(rollout.order)},
                         {"on_blocked", on_blocked_name(rollout.on_blocked)},
                         {"max_failed_nodes", rollout.max_failed},
                         {"pause",
                          {{"after_canary", rollout.pause.after_canary},
                           {"after_control_plane", rollout.pause.after_control_plane},
                           {"between_nodes_s", rollout.pause.between_nodes.count()}}},
                         {"patience_s", rollout.patience.count()},
                         {"groups", ordered_json::array()},
                         {"workers", ordered_json::array()}};
  if (rollout.drains_at_once > 0) object["drains_at_once"] = rollout.drains_at_once;
  if (rollout.window) object["window"] = window_json(*rollout.window);
  for (const GroupBudget& group : rollout.groups) {
    object["groups"].push_back(
        {{"name", group.name}, {"most", group.most}, {"hosts", group.hosts}});
  }
  for (const CountedWorker& worker : rollout.workers) {
    ordered_json one = {{"node", worker.node}};
    if (!worker.host.empty()) one["host"] = worker.host;
    if (!worker.domain.empty()) one["domain"] = worker.domain;
    object["workers"].push_back(std::move(one));
  }
  return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

Result<Rollout> read_rollout(std::string_view text) {
  try {
    return read_object(json::parse(text));
  } catch (const std::exception& exception) {  // nlohmann's and ours above
    return Error{.kind = ErrorKind::File,
                 .message = "its rollout cannot be read: " + sanitise(exception.what(), 200)};
  }
}

}  // namespace drover::plans
