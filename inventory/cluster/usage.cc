#include "inventory/cluster/usage.h"

#include <algorithm>

#include "inventory/cluster/json.h"

namespace drover {
namespace {

Quantity read_quantity(const JsonField& field) {
  if (!field.present()) return {};
  const auto quantity = Quantity::parse(field.text_or_number());
  if (!quantity) field.refuse("is not an amount");
  return quantity.value_or(Quantity());
}

}  // namespace

Resources read_resources(const JsonField& field) {
  return {read_quantity(field["cpu"]), read_quantity(field["memory"])};
}

namespace {

Resources larger(const Resources& a, const Resources& b) {
  return {std::max(a.cpu, b.cpu), std::max(a.memory, b.memory)};
}

/// Of `requests` or `limits` of all containers of a pod.
Resources total(const JsonField& spec, std::string_view which) {
  Resources beside;  // of init containers that keep running
  Resources before;  // the most that the start takes at once
  for (const JsonField& container : spec["initContainers"].items()) {
    Resources own = read_resources(container["resources"][which]);
    if (container["restartPolicy"].text() == "Always") {
      beside += own;
      before = larger(before, beside);
    } else {
      own += beside;
      before = larger(before, own);
    }
  }
  Resources running = beside;
  for (const JsonField& container : spec["containers"].items()) {
    running += read_resources(container["resources"][which]);
  }
  return larger(running, before);
}

/// A sum that leaves a container out would look like a bound where there is none.
void drop_unbounded(const JsonField& spec, Resources& limits) {
  for (const JsonField& container : spec["containers"].items()) {
    const JsonField bounds = container["resources"]["limits"];
    if (!bounds["cpu"].present()) limits.cpu = {};
    if (!bounds["memory"].present()) limits.memory = {};
  }
}

PodClaim read_claim(const JsonField& object) {
  PodClaim claim;
  const JsonField metadata = object["metadata"];
  const JsonField spec = object["spec"];
  claim.ns = metadata["namespace"].text();
  claim.name = metadata["name"].text();
  claim.labels = metadata["labels"].text_map();
  claim.node = spec["nodeName"].text();
  claim.phase = object["status"]["phase"].text();
  claim.requests = total(spec, "requests");
  claim.requests += read_resources(spec["overhead"]);
  claim.limits = total(spec, "limits");
  drop_unbounded(spec, claim.limits);
  return claim;
}

NodeRoom read_room(const JsonField& object) {
  const JsonField metadata = object["metadata"];
  return {metadata["name"].text(), metadata["labels"].text_map(),
          read_resources(object["status"]["allocatable"])};
}

NodeUsage read_node_usage(const JsonField& object) {
  return {object["metadata"]["name"].text(), object["timestamp"].text(),
          read_resources(object["usage"])};
}

PodUsage read_pod_usage(const JsonField& object) {
  PodUsage usage{object["metadata"]["namespace"].text(), object["metadata"]["name"].text(),
                 object["timestamp"].text(), Resources()};
  for (const JsonField& container : object["containers"].items()) {
    usage.used += read_resources(container["usage"]);
  }
  return usage;
}

}  // namespace

Resources& Resources::operator+=(const Resources& other) {
  cpu += other.cpu;
  memory += other.memory;
  return *this;
}

Result<std::vector<NodeRoom>> parse_node_rooms(std::string_view node_list) {
  return parse_list(node_list, "Node", read_room);
}

Result<std::vector<PodClaim>> parse_pod_claims(std::string_view pod_list) {
  return parse_list(pod_list, "Pod", read_claim);
}

Result<std::vector<NodeUsage>> parse_node_usage(std::string_view node_metrics_list) {
  return parse_list(node_metrics_list, "NodeMetrics", read_node_usage);
}

Result<std::vector<PodUsage>> parse_pod_usage(std::string_view pod_metrics_list) {
  return parse_list(pod_metrics_list, "PodMetrics", read_pod_usage);
}

}  // namespace drover
