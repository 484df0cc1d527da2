#include "tests/support/kube_json.h"

#include <nlohmann/json.hpp>

namespace drover::test {
namespace {

using nlohmann::json;

json metadata(const std::string& ns, const std::string& name) {
  json object = {{"name", name}};
  if (!ns.empty()) object["namespace"] = ns;
  return object;
}

json containers_with(const std::vector<std::string>& images) {
  json list = json::array();
  for (const std::string& image : images) list.push_back({{"name", "main"}, {"image", image}});
  return list;
}

json statuses(const std::vector<ContainerStatus>& containers) {
  json list = json::array();
  for (const ContainerStatus& container : containers) {
    json status = {{"name", container.name},
                   {"containerID", container.container_id},
                   {"ready", container.ready},
                   {"restartCount", container.restart_count},
                   {"state", json::object()}};
    if (!container.started_at.empty()) {
      status["state"]["running"] = {{"startedAt", container.started_at}};
    }
    if (!container.waiting_reason.empty()) {
      status["state"]["waiting"] = {{"reason", container.waiting_reason}};
    }
    list.push_back(status);
  }
  return list;
}

json ready_condition(bool ready, const std::string& reason) {
  return json::array(
      {{{"type", "Ready"}, {"status", ready ? "True" : "False"}, {"reason", reason}}});
}

json selector_json(const LabelSelector& selector) {
  json object = {{"matchLabels", selector.match_labels}};
  for (const LabelRequirement& wanted : selector.match_expressions) {
    object["matchExpressions"].push_back(
        {{"key", wanted.key}, {"operator", wanted.op}, {"values", wanted.values}});
  }
  return object;
}

// A number where it is one, as the API prints an IntOrString.
json amount(const std::string& text) {
  if (text.find('%') != std::string::npos) return text;
  return std::stoi(text);
}

}  // namespace

std::string json_of(const Pod& pod) {
  json object = {{"metadata", metadata(pod.ns, pod.name)},
                 {"spec", {{"containers", containers_with(pod.images)}}},
                 {"status",
                  {{"phase", pod.phase},
                   {"conditions", ready_condition(pod.ready, "")},
                   {"containerStatuses", statuses(pod.containers)}}}};
  json& meta = object["metadata"];
  meta["uid"] = pod.uid;
  meta["labels"] = pod.labels;
  if (pod.mirror) meta["annotations"]["kubernetes.io/config.mirror"] = "hash";
  if (pod.deleting) meta["deletionTimestamp"] = "2026-01-01T00:00:00Z";
  if (pod.controller) {
    meta["ownerReferences"] = json::array({{{"apiVersion", pod.controller->api_version},
                                            {"kind", pod.controller->kind},
                                            {"name", pod.controller->name},
                                            {"uid", pod.controller->uid},
                                            {"controller", true}}});
  }
  if (!pod.node.empty()) object["spec"]["nodeName"] = pod.node;
  json volumes = json::array();
  if (pod.has_emptydir) volumes.push_back({{"name", "tmp"}, {"emptyDir", json::object()}});
  for (const std::string& claim : pod.claims) {
    volumes.push_back({{"name", "data"}, {"persistentVolumeClaim", {{"claimName", claim}}}});
  }
  if (!volumes.empty()) object["spec"]["volumes"] = volumes;
  if (!pod.finalizers.empty()) meta["finalizers"] = pod.finalizers;
  return object.dump();
}

std::string json_of(const Node& node) {
  json object = {{"kind", "Node"},
                 {"metadata", metadata("", node.name)},
                 {"spec", json::object()},
                 {"status",
                  {{"conditions", ready_condition(node.ready, node.ready_reason)},
                   {"nodeInfo",
                    {{"kubeletVersion", node.kubelet_version},
                     {"containerRuntimeVersion", node.container_runtime},
                     {"bootID", node.boot_id}}}}}};
  object["metadata"]["uid"] = node.uid;
  object["metadata"]["resourceVersion"] = node.resource_version;
  object["metadata"]["labels"] = node.labels;
  object["metadata"]["annotations"] = node.annotations;
  if (node.unschedulable) object["spec"]["unschedulable"] = true;
  for (const std::string& key : node.taints) {
    object["spec"]["taints"].push_back({{"key", key}, {"effect", "PreferNoSchedule"}});
  }
  if (node.network_unavailable) {
    object["status"]["conditions"].push_back(
        {{"type", "NetworkUnavailable"}, {"status", "True"}, {"reason", "NoRouteCreated"}});
  }
  return object.dump();
}

std::string json_of(const Lease& lease) {
  json object = {{"kind", "Lease"}, {"metadata", metadata(lease.ns, lease.name)}};
  object["spec"] = {{"holderIdentity", lease.holder},
                    {"renewTime", lease.renew_time},
                    {"leaseDurationSeconds", lease.duration_seconds}};
  return object.dump();
}

std::string json_of(const Workload& workload) {
  json object = {{"metadata", metadata(workload.ns, workload.name)}};
  object["metadata"]["generation"] = 2;
  object["spec"]["template"]["spec"]["containers"] = containers_with(workload.images);
  json& status = object["status"];
  status["observedGeneration"] = workload.observed ? 2 : 1;
  if (workload.kind != "DaemonSet") {
    object["spec"]["replicas"] = workload.wanted;
    status["updatedReplicas"] = workload.updated;
    status["availableReplicas"] = workload.available;
  } else {
    status["desiredNumberScheduled"] = workload.wanted;
    status["updatedNumberScheduled"] = workload.updated;
    status["numberAvailable"] = workload.available;
  }
  return object.dump();
}

std::string json_of(const PodDisruptionBudget& budget) {
  json object = {{"metadata", metadata(budget.ns, budget.name)}, {"spec", json::object()}};
  if (budget.selector.present) object["spec"]["selector"] = selector_json(budget.selector);
  if (!budget.min_available.empty()) {
    object["spec"]["minAvailable"] = amount(budget.min_available);
  }
  if (!budget.max_unavailable.empty()) {
    object["spec"]["maxUnavailable"] = amount(budget.max_unavailable);
  }
  if (budget.unhealthy == UnhealthyPods::AlwaysAllow) {
    object["spec"]["unhealthyPodEvictionPolicy"] = "AlwaysAllow";
  }
  object["metadata"]["generation"] = 2;
  object["status"] = {{"observedGeneration", budget.observed ? 2 : 1},
                      {"disruptionsAllowed", budget.disruptions_allowed},
                      {"currentHealthy", budget.current_healthy},
                      {"desiredHealthy", budget.desired_healthy},
                      {"expectedPods", budget.expected_pods}};
  if (!budget.sync_failed.empty()) {
    object["status"]["conditions"] = json::array({{{"type", "DisruptionAllowed"},
                                                   {"status", "False"},
                                                   {"reason", "SyncFailed"},
                                                   {"message", budget.sync_failed}}});
  }
  return object.dump();
}

std::string json_of(const Replicas& replicas) {
  json object = {{"metadata", metadata(replicas.ns, replicas.name)}};
  object["spec"]["replicas"] = replicas.wanted;
  return object.dump();
}

std::string json_of(const VolumeAttachment& attachment) {
  json object = {{"metadata", metadata("", attachment.name)}};
  object["spec"] = {{"nodeName", attachment.node},
                    {"source", {{"persistentVolumeName", attachment.volume}}}};
  return object.dump();
}

std::string json_of(const PersistentVolume& volume) {
  json object = {{"kind", "PersistentVolume"}, {"metadata", metadata("", volume.name)}};
  const size_t slash = volume.claim.find('/');
  if (slash != std::string::npos) {
    object["spec"]["claimRef"] = {{"namespace", volume.claim.substr(0, slash)},
                                  {"name", volume.claim.substr(slash + 1)}};
  }
  return object.dump();
}

std::string json_of(const WebhookConfiguration& configuration) {
  json object = {{"metadata", metadata("", configuration.name)}, {"webhooks", json::array()}};
  for (const Webhook& webhook : configuration.webhooks) {
    json one = {{"name", webhook.name},
                {"failurePolicy", webhook.fails_closed ? "Fail" : "Ignore"},
                {"clientConfig", json::object()}};
    if (webhook.service_name.empty()) {
      one["clientConfig"]["url"] = "https://hook.example/";
    } else {
      one["clientConfig"]["service"] = {{"namespace", webhook.service_ns},
                                        {"name", webhook.service_name}};
    }
    object["webhooks"].push_back(one);
  }
  return object.dump();
}

std::string json_of(const ApiService& service) {
  json object = {{"metadata", metadata("", service.name)}};
  object["status"]["conditions"] = json::array({{{"type", "Available"},
                                                 {"status", service.available ? "True" : "False"},
                                                 {"reason", service.reason}}});
  return object.dump();
}

std::string slice_json(const std::string& ns, const std::string& service,
                       const std::vector<bool>& ready) {
  json object = {{"metadata", metadata(ns, service + "-abcde")}, {"endpoints", json::array()}};
  for (const bool one : ready) {
    object["endpoints"].push_back(
        {{"addresses", json::array({"10.1.0.7"})}, {"conditions", {{"ready", one}}}});
  }
  return object.dump();
}

std::string config_map_json(const std::string& name, const std::string& key,
                            const std::string& value) {
  const json object = {
      {"kind", "ConfigMap"}, {"metadata", metadata("kube-system", name)}, {"data", {{key, value}}}};
  return object.dump();
}

std::string list_json(const std::string& kind, const std::vector<std::string>& items) {
  json list = {{"kind", kind + "List"}, {"metadata", json::object()}, {"items", json::array()}};
  for (const std::string& item : items) list["items"].push_back(json::parse(item));
  return list.dump();
}

Result<ApiResponse> ok(std::string body) {
  ApiResponse response;
  response.status = 200;
  response.body = std::move(body);
  return response;
}

Result<ApiResponse> refusal(int status, const std::string& reason, const std::string& message,
                            const std::string& cause, const std::string& cause_message) {
  json body = {{"kind", "Status"},
               {"status", "Failure"},
               {"code", status},
               {"reason", reason},
               {"message", message}};
  if (!cause.empty()) {
    body["details"]["causes"] = json::array({{{"reason", cause}, {"message", cause_message}}});
  }
  ApiResponse response;
  response.status = status;
  response.body = body.dump();
  return response;
}

Result<ApiResponse> no_answer(const std::string& why) {
  Error error;
  error.kind = ErrorKind::Unreachable;
  error.message = why;
  return error;
}

}  // namespace drover::test
