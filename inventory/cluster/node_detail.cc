#include "inventory/cluster/node_detail.h"

#include <charconv>

#include "inventory/cluster/json.h"

namespace drover {
namespace {

int whole_number(const std::string& text) {
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

NodeDetail read_node_detail(const JsonField& object) {
  NodeDetail detail{.node = read_node(object)};
  const JsonField status = object["status"];
  detail.created = object["metadata"]["creationTimestamp"].text();
  detail.conditions = read_conditions(status["conditions"]);
  for (const JsonField& taint : object["spec"]["taints"].items()) {
    detail.taints.push_back({taint["key"].text(), taint["value"].text(), taint["effect"].text(),
                             taint["timeAdded"].text()});
  }
  detail.os = status["nodeInfo"]["osImage"].text();
  detail.kernel = status["nodeInfo"]["kernelVersion"].text();
  for (const JsonField& address : status["addresses"].items()) {
    const bool internal = address["type"].text() == "InternalIP";
    if (internal && detail.address.empty()) detail.address = address["address"].text();
  }
  detail.allocatable = read_resources(status["allocatable"]);
  detail.max_pods = whole_number(status["allocatable"]["pods"].text_or_number());
  return detail;
}

}  // namespace

Result<NodeDetail> parse_node_detail(std::string_view json) {
  return parse_object(json, "Node", read_node_detail);
}

}  // namespace drover
