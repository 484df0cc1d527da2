#include "orchestrator/ui/addon_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/json_line.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;
using plans::MetricsServerState;

std::string words_of(Change change) {
  if (change == Change::Absent) return "was not there";
  if (change == Change::LeftAlone) return "left alone: it has not the label of this add-on";
  return std::string(change_name(change));
}

std::string image_of(const MetricsServerState& state) {
  if (!state.deployment || state.deployment->images.empty()) return "";
  return sanitise(state.deployment->images.front());
}

std::string others_of(const MetricsServerState& state) {
  constexpr size_t kNamed = 5;
  if (state.not_ready.empty()) return "";
  const size_t named = std::min(state.not_ready.size(), kNamed);
  const std::vector<std::string> first(state.not_ready.begin(),
                                       state.not_ready.begin() + static_cast<long>(named));
  const size_t more = state.not_ready.size() - named;
  return fmt::format("; not ready: {}{}", sanitise(join(first, ", ")),
                     more == 0 ? "" : fmt::format(" and {} more", more));
}

ordered_json state_json(const MetricsServerState& state) {
  const bool deployed = state.deployment.has_value();
  ordered_json json = {{"installed", state.installed()},
                       {"image", image_of(state)},
                       {"pods", deployed ? state.deployment->wanted : 0},
                       {"available", deployed ? state.deployment->available : 0},
                       {"api_service", state.service && state.service->available},
                       {"nodes", state.nodes.size()},
                       {"measured", state.measured_nodes()}};
  json["not_ready"] = ordered_json::array();
  for (const std::string& node : state.not_ready) json["not_ready"].push_back(sanitise(node));
  json["missing"] = sanitise(state.missing());
  return json;
}

}  // namespace

std::string changed_text(const Changed& changed) {
  return fmt::format("{} {}\n", sanitise(changed.object), words_of(changed.change));
}

std::string changed_json(const std::string& cluster, const std::vector<Changed>& all, bool complete,
                         const MetricsServerState* state) {
  ordered_json json = {{"v", 1}, {"kind", "Applied"}, {"cluster", cluster}};
  json["complete"] = complete;
  json["items"] = ordered_json::array();
  for (const Changed& each : all) {
    json["items"].push_back(
        {{"object", sanitise(each.object)}, {"change", std::string(change_name(each.change))}});
  }
  if (state != nullptr) json["state"] = state_json(*state);
  return json_line(json);
}

std::string metrics_server_text(const MetricsServerState& state) {
  if (!state.installed())
    return "metrics-server is not installed: drover addon metrics-server install\n";
  std::string text;
  if (state.deployment)
    text += fmt::format("Deployment  {} of {} pods available, {}\n", state.deployment->available,
                        state.deployment->wanted, image_of(state));
  if (state.service)
    text +=
        fmt::format("APIService  {}\n", state.service->available
                                            ? "available"
                                            : "not available: " + sanitise(state.service->reason));
  text += fmt::format("Metrics     of {} of {} nodes{}\n", state.measured_nodes(),
                      state.nodes.size(), others_of(state));
  const std::string missing = state.missing();
  return text + (missing.empty()
                     ? "metrics-server is well.\n"
                     : fmt::format("metrics-server is not well: {}.\n", sanitise(missing)));
}

std::string metrics_server_json(const std::string& cluster, const MetricsServerState& state) {
  ordered_json json = {{"v", 1}, {"kind", "MetricsServer"}, {"cluster", cluster}};
  json.update(state_json(state));
  return json_line(json);
}

}  // namespace drover::orchestrator
