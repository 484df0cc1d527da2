#include <fmt/format.h>

#include <map>

#include "examples/sandbox/api/listing.h"
#include "examples/sandbox/api/route.h"
#include "examples/sandbox/world/objects.h"

// What metrics-server measured, where it is registered: pods use what they are told to, and a node
// something more than its pods.
namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr const char* kVersion = "metrics.k8s.io/v1beta1";
constexpr const char* kService = "v1beta1.metrics.k8s.io";
constexpr PodUse kOfNode = {.cpu_m = 60, .memory_mi = 500};

std::optional<Answer> refusal(const Call& call) {
  const auto found = call.world.api_services.find(kService);
  if (found == call.world.api_services.end()) return Answer{404, "404 page not found\n"};
  if (!found->second) return Answer{503, "service unavailable\n"};
  return std::nullopt;
}

json usage_json(const PodUse& use) {
  return {{"cpu", fmt::format("{}n", use.cpu_m * 1'000'000L)},
          {"memory", fmt::format("{}Ki", use.memory_mi * 1024L)}};
}

/// A measurement of an object, by the object's metadata.
json measured(const json& object, Moment now) {
  const json& of = object.at("metadata");
  json meta = {{"name", of.at("name")}, {"creationTimestamp", stamp(now)}};
  if (of.contains("namespace")) meta["namespace"] = of.at("namespace");
  if (of.contains("labels")) meta["labels"] = of.at("labels");
  return {{"metadata", std::move(meta)}, {"timestamp", stamp(now)}, {"window", "15s"}};
}

bool runs(const Pod& pod) { return !pod.node.empty() && !pod.finished; }

Answer list_measured(const Call& call, const char* kind, std::vector<json> items) {
  Answer answer = list_of(call, kind, kVersion, std::move(items));
  if (answer.status == 200) answer.body["metadata"] = json::object();
  return answer;
}

}  // namespace

Answer list_node_metrics(Call& call) {
  if (auto refused = refusal(call)) return *refused;
  std::map<std::string, PodUse> used;
  for (const Pod& pod : call.world.pods) {
    if (!runs(pod)) continue;
    used[pod.node].cpu_m += pod.use.cpu_m;
    used[pod.node].memory_mi += pod.use.memory_mi;
  }
  std::vector<json> items;
  for (const ClusterNode& node : call.world.nodes) {
    if (!node.ready) continue;
    PodUse use = kOfNode;
    if (const auto of_pods = used.find(node.name()); of_pods != used.end()) {
      use.cpu_m += of_pods->second.cpu_m;
      use.memory_mi += of_pods->second.memory_mi;
    }
    json item = measured(node_json(node), call.now);
    item["usage"] = usage_json(use);
    items.push_back(std::move(item));
  }
  return list_measured(call, "NodeMetrics", std::move(items));
}

Answer list_pod_metrics(Call& call) {
  if (auto refused = refusal(call)) return *refused;
  const auto ns = call.names.find("namespace");
  std::vector<json> items;
  for (const Pod& pod : call.world.pods) {
    if (!runs(pod) || (ns != call.names.end() && ns->second != pod.ns)) continue;
    const json object = pod_json(pod);
    json item = measured(object, call.now);
    item["containers"] = {{{"name", object.at("spec").at("containers").at(0).at("name")},
                           {"usage", usage_json(pod.use)}}};
    items.push_back(std::move(item));
  }
  return list_measured(call, "PodMetrics", std::move(items));
}

}  // namespace drover::sandbox
