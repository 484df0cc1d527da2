#include <nlohmann/json.hpp>

#include "inventory/base/text.h"
#include "orchestrator/ui/describe_text.h"
#include "orchestrator/ui/events_text.h"
#include "orchestrator/ui/json_line.h"
#include "orchestrator/ui/resources_json.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kMessage = 1000;

ordered_json texts_json(const std::vector<std::string>& texts) {
  ordered_json json = ordered_json::array();
  for (const std::string& text : texts) json.push_back(sanitise(text, kMessage));
  return json;
}

ordered_json troubles_json(const std::vector<plans::Trouble>& troubles) {
  ordered_json json = ordered_json::array();
  for (const plans::Trouble& one : troubles)
    json.push_back({{"text", one.text}, {"since", sanitise(one.since)}});
  return json;
}

ordered_json conditions_json(const std::vector<ObjectCondition>& conditions) {
  ordered_json json = ordered_json::array();
  for (const ObjectCondition& one : conditions) {
    json.push_back({{"type", sanitise(one.type)},
                    {"status", sanitise(one.status)},
                    {"reason", sanitise(one.reason)},
                    {"message", sanitise(one.message, kMessage)},
                    {"since", sanitise(one.since)}});
  }
  return json;
}

ordered_json drain_json(const plans::ForeseenDrain& drain) {
  return {{"evicts", texts_json(drain.evicts)},
          {"ignores", texts_json(drain.ignores)},
          {"blocked_by", texts_json(drain.blocked_by)},
          {"pending", texts_json(drain.pending)},
          {"loses_data", texts_json(drain.loses_data)},
          {"gone_for_good", texts_json(drain.gone_for_good)},
          {"single_replicas", texts_json(drain.single_replicas)}};
}

/// As `drover events` has them.
ordered_json events_of(const std::vector<ClusterEvent>& events) {
  ordered_json items = ordered_json::array();
  for (const ClusterEvent& event : events)
    items.push_back(ordered_json::parse(event_fields(event)));
  return items;
}

ordered_json end_json(const std::optional<ContainerEnd>& end) {
  if (!end) return nullptr;
  return {{"exit_code", end->exit_code},
          {"signal", end->signal},
          {"reason", sanitise(end->reason)},
          {"message", sanitise(end->message, kMessage)},
          {"finished", sanitise(end->finished)}};
}

ordered_json container_json(const ContainerDetail& one) {
  static constexpr const char* kKinds[] = {"app", "init", "sidecar", "ephemeral"};
  static constexpr const char* kStates[] = {"unknown", "waiting", "running", "ended"};
  return {{"name", sanitise(one.name)},     {"kind", kKinds[static_cast<int>(one.kind)]},
          {"image", sanitise(one.image)},   {"state", kStates[static_cast<int>(one.state)]},
          {"reason", sanitise(one.reason)}, {"ready", one.ready},
          {"restarts", one.restarts},       {"running_since", sanitise(one.running_since)},
          {"end", end_json(one.end)},       {"last_end", end_json(one.last_end)}};
}

ordered_json pod_row_json(const plans::PodRow& pod) {
  return {
      {"namespace", sanitise(pod.ns)},    {"pod", sanitise(pod.name)},
      {"status", sanitise(pod.status)},   {"ready", pod.ready},
      {"containers", pod.containers},     {"restarts", pod.restarts},
      {"created", sanitise(pod.created)}, {"requests", resources_json<ordered_json>(pod.requests)}};
}

ordered_json taints_json(const std::vector<NodeTaint>& taints) {
  ordered_json json = ordered_json::array();
  for (const NodeTaint& one : taints) {
    json.push_back({{"key", sanitise(one.key)},
                    {"value", sanitise(one.value)},
                    {"effect", sanitise(one.effect)}});
  }
  return json;
}

ordered_json cordon_json(const plans::CordonedBy& cordon) {
  if (!cordon.cordoned) return nullptr;
  return {{"run", sanitise(cordon.run)}, {"for", sanitise(cordon.purpose)}};
}

}  // namespace

std::string node_description_json(const std::string& cluster,
                                  const plans::NodeDescription& described) {
  const NodeDetail& node = described.node;
  ordered_json json = {{"v", 1},
                       {"kind", "NodeDescription"},
                       {"cluster", cluster},
                       {"node", sanitise(node.node.name)},
                       {"host", described.host},
                       {"ready", node.node.ready},
                       {"troubles", troubles_json(described.troubles)},
                       {"cordoned", cordon_json(described.cordon)},
                       {"taints", taints_json(node.taints)},
                       {"conditions", conditions_json(node.conditions)},
                       {"kubelet", sanitise(node.node.kubelet_version)},
                       {"runtime", sanitise(node.node.container_runtime)},
                       {"os", sanitise(node.os)},
                       {"kernel", sanitise(node.kernel)},
                       {"allocatable", resources_json<ordered_json>(node.allocatable)},
                       {"requests", resources_json<ordered_json>(described.requests)},
                       {"drain", drain_json(described.drain)}};
  json["pods"] = ordered_json::array();
  for (const plans::PodRow& pod : described.pods) json["pods"].push_back(pod_row_json(pod));
  json["events"] = events_of(described.events);
  return json_line(json);
}

std::string pod_description_json(const std::string& cluster,
                                 const plans::PodDescription& described) {
  const PodDetail& pod = described.pod;
  ordered_json json = {{"v", 1},
                       {"kind", "PodDescription"},
                       {"cluster", cluster},
                       {"namespace", sanitise(pod.pod.ns)},
                       {"pod", sanitise(pod.pod.name)},
                       {"node", sanitise(pod.pod.node)},
                       {"status", sanitise(described.status)},
                       {"phase", sanitise(pod.pod.phase)},
                       {"troubles", troubles_json(described.troubles)},
                       {"owners", texts_json(described.owners)},
                       {"created", sanitise(pod.created)},
                       {"conditions", conditions_json(pod.conditions)},
                       {"requests", resources_json<ordered_json>(described.requests)},
                       {"limits", resources_json<ordered_json>(described.limits)},
                       {"budgets", texts_json(described.budgets)},
                       {"drain", drain_json(described.drain)}};
  json["containers"] = ordered_json::array();
  for (const ContainerDetail& one : pod.containers)
    json["containers"].push_back(container_json(one));
  json["events"] = events_of(described.events);
  return json_line(json);
}

}  // namespace drover::orchestrator
