#include "inventory/cluster/node.h"

#include <algorithm>

namespace drover {
namespace {

void read_network(const JsonField& conditions, Node& node) {
  for (const JsonField& condition : conditions.items()) {
    if (condition["type"].text() != "NetworkUnavailable") continue;
    node.network_unavailable = condition["status"].text() == "True";
  }
}

void read_ready(const JsonField& conditions, Node& node) {
  node.ready_reason = "no Ready condition";
  for (const JsonField& condition : conditions.items()) {
    if (condition["type"].text() != "Ready") continue;
    node.ready = condition["status"].text() == "True";
    node.ready_reason.clear();
    if (node.ready) return;
    node.ready_reason = condition["reason"].text();
    const std::string message = condition["message"].text();
    if (!message.empty()) node.ready_reason += (node.ready_reason.empty() ? "" : ": ") + message;
    return;
  }
}

}  // namespace

Node read_node(const JsonField& object) {
  Node node;
  const JsonField metadata = object["metadata"];
  node.name = metadata["name"].text();
  node.uid = metadata["uid"].text();
  node.resource_version = metadata["resourceVersion"].text();
  node.labels = metadata["labels"].text_map();
  node.annotations = metadata["annotations"].text_map();
  node.unschedulable = object["spec"]["unschedulable"].flag();
  for (const JsonField& taint : object["spec"]["taints"].items()) {
    node.taints.push_back(taint["key"].text());
  }
  const JsonField status = object["status"];
  read_ready(status["conditions"], node);
  read_network(status["conditions"], node);
  const JsonField info = status["nodeInfo"];
  node.kubelet_version = info["kubeletVersion"].text();
  node.container_runtime = info["containerRuntimeVersion"].text();
  node.boot_id = info["bootID"].text();
  return node;
}

std::optional<size_t> Node::pending_taint() const {
  const auto found = std::find(taints.begin(), taints.end(), kPendingTaint);
  if (found == taints.end()) return std::nullopt;
  return static_cast<size_t>(found - taints.begin());
}

bool Node::is_control_plane() const {
  return labels.count("node-role.kubernetes.io/control-plane") > 0;
}

Result<Node> parse_node(std::string_view json) { return parse_object(json, "Node", read_node); }

Result<std::vector<Node>> parse_node_list(std::string_view json) {
  DROVER_TRY_ASSIGN(std::vector<Node> nodes, parse_list(json, "Node", read_node));
  std::sort(nodes.begin(), nodes.end(),
            [](const Node& a, const Node& b) { return a.name < b.name; });
  return nodes;
}

}  // namespace drover
