#include "plans/node_choice.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

bool has(const std::vector<ChosenNode>& chosen, const Host& host) {
  return std::any_of(chosen.begin(), chosen.end(),
                     [&](const ChosenNode& one) { return one.host == &host; });
}

Error unknown(const Inventory& inventory, const std::string& name) {
  std::vector<std::string> names;
  for (const Host& host : inventory.hosts) {
    names.push_back(host.name);
    if (host.node != host.name) names.push_back(host.node);
  }
  const auto near = nearest(name, names);
  return {.kind = ErrorKind::Usage,
          .message = fmt::format("{} is neither a host of the inventory {} nor its node",
                                 sanitise(name, 80), inventory.file),
          .remedy = near ? fmt::format("did you mean {}?", *near)
                         : fmt::format("it has {}", some_of(names, 8))};
}

}  // namespace

Result<std::vector<ChosenNode>> name_nodes(const Inventory& inventory,
                                           const std::vector<std::string>& names) {
  std::vector<ChosenNode> chosen;
  for (const std::string& name : names) {
    const Host* host = inventory.find(name);
    if (host == nullptr) host = inventory.find_node(name);
    if (host == nullptr) return unknown(inventory, name);
    if (!has(chosen, *host)) chosen.push_back({host, true});
  }
  return chosen;
}

Status select_nodes(const Inventory& inventory, const std::vector<Node>& nodes,
                    const LabelSelector& selector, std::vector<ChosenNode>& chosen) {
  std::vector<std::string> strangers;
  bool any = false;
  for (const Node& node : nodes) {
    if (!selector.matches(node.labels)) continue;
    any = true;
    if (inventory.find_node(node.name) == nullptr) strangers.push_back(node.name);
  }
  if (!strangers.empty()) {
    return Error{.kind = ErrorKind::Refused,
                 .message = fmt::format("not-in-inventory: the selector takes {}, not in the "
                                        "inventory {}",
                                        some_of(strangers, 8), inventory.file),
                 .remedy = "add what is missing to `hosts`, or name the nodes"};
  }
  if (!any) {
    return Error{.kind = ErrorKind::Refused,
                 .message = "the selector takes no node of the cluster",
                 .remedy = "kubectl get nodes --show-labels"};
  }
  for (const Host& host : inventory.hosts) {
    const auto node = std::find_if(nodes.begin(), nodes.end(),
                                   [&](const Node& one) { return one.name == host.node; });
    const bool takes = node != nodes.end() && selector.matches(node->labels);
    if (takes && !has(chosen, host)) chosen.push_back({&host, false});
  }
  return {};
}

}  // namespace drover::plans
