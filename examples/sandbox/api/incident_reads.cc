#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "examples/sandbox/api/listing.h"
#include "examples/sandbox/api/route.h"
#include "examples/sandbox/world/autoscalers.h"
#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

json event_json(const Event& event) {
  const json meta = metadata(event.name, event.ns, event.uid, event.revision, event.at);
  json object = {{"kind", event.kind}, {"name", event.object}};
  if (!event.object_ns.empty()) object["namespace"] = event.object_ns;
  return {{"metadata", meta},
          {"involvedObject", std::move(object)},
          {"reason", event.reason},
          {"message", event.message},
          {"source", {{"component", "sandbox"}}},
          {"firstTimestamp", stamp(event.at)},
          {"lastTimestamp", stamp(event.at)},
          {"count", event.count},
          {"type", event.type},
          {"eventTime", nullptr},
          {"reportingComponent", "sandbox"},
          {"reportingInstance", ""}};
}

std::string container_of(const Pod& pod) {
  return pod_json(pod).at("spec").at("containers").at(0).at("name");
}

/// The moment as a container runtime writes it.
std::string nano_stamp(Moment at) {
  std::string text = micro_stamp(at);
  text.insert(text.size() - 1, "000");
  return text;
}

/// From when on lines are wanted, in whole seconds and UTC, as the kubelet takes them; such texts
/// are compared as they are.
std::string since_of(const Call& call) {
  if (const auto time = call.query.get("sinceTime")) return *time;
  const auto seconds = call.query.get("sinceSeconds");
  if (!seconds) return "";
  return stamp(call.now - std::chrono::seconds{std::strtol(seconds->c_str(), nullptr, 10)});
}

/// What has come since, and then the end, as when the time of a watch is over.
Answer as_watch(const Answer& list) {
  std::string lines;
  for (const json& item : list.body.at("items")) {
    json object = {{"kind", "Event"}, {"apiVersion", "v1"}};
    object.update(item);
    lines += json{{"type", "ADDED"}, {"object", std::move(object)}}.dump() + '\n';
  }
  return {200, lines};
}

}  // namespace

Answer list_events(Call& call) {
  std::vector<json> items;
  const auto ns = call.names.find("namespace");
  const bool is_watch = call.query.get("watch").has_value();
  const std::string since = call.query.get("resourceVersion").value_or("0");
  for (const Event& event : call.world.events) {
    if (ns != call.names.end() && ns->second != event.ns) continue;
    if (is_watch && event.revision <= std::strtol(since.c_str(), nullptr, 10)) continue;
    items.push_back(event_json(event));
  }
  if (!is_watch) {
    for (json& event : autoscaler_events(call.world, call.now)) {
      if (ns == call.names.end() || event["metadata"]["namespace"] == ns->second)
        items.push_back(std::move(event));
    }
  }
  Answer list = list_of(call, "Event", "v1", std::move(items));
  return is_watch ? as_watch(list) : list;
}

/// One that is followed ends with what there is, as when the kubelet has been restarted.
Answer get_pod_log(Call& call) {
  const std::string& name = call.names["name"];
  const Pod* pod = call.world.find_pod(call.names["namespace"], name);
  if (pod == nullptr) return not_found("pods", name);
  const std::string container = call.query.get("container").value_or(container_of(*pod));
  if (container != container_of(*pod))
    return bad_request(fmt::format("container {} is not valid for pod {}", container, name));
  if (pod->node.empty())
    return bad_request(fmt::format("pod {} does not have a host assigned", name));
  if (call.query.get("previous"))
    return bad_request(fmt::format("previous terminated container \"{}\" in pod \"{}\" not found",
                                   container, name));
  std::vector<std::string> lines;
  const std::string since = since_of(call);
  for (const LogLine& line : pod->log) {
    if (stamp(line.at) >= since) lines.push_back(nano_stamp(line.at) + ' ' + line.text + '\n');
  }
  size_t from = 0;
  if (const auto tail = call.query.get("tailLines"))
    from = lines.size() - std::min<size_t>(std::strtoul(tail->c_str(), nullptr, 10), lines.size());
  std::string text;
  for (size_t i = from; i < lines.size(); ++i) text += lines[i];
  return {200, text};
}

}  // namespace drover::sandbox
