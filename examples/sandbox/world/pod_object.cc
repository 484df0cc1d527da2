#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"
#include "inventory/base/digest.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr int kGrace = 30;  // seconds

json pod_metadata(const Pod& pod) {
  json meta = metadata(pod.name, pod.ns, pod.uid, pod.revision, pod.created);
  meta["generation"] = pod.deleting ? 2 : 1;
  if (!pod.spec.labels.empty()) meta["labels"] = pod.spec.labels;
  if (pod.owner) {
    json owner = {{"apiVersion", pod.owner->api_version},
                  {"kind", pod.owner->kind},
                  {"name", pod.owner->name},
                  {"uid", pod.owner->uid},
                  {"controller", true}};
    if (!pod.mirror) owner["blockOwnerDeletion"] = true;
    meta["ownerReferences"] = json::array({std::move(owner)});
  }
  if (pod.mirror) {
    const std::string hash = sha256_hex(pod.spec.image + pod.uid).substr(0, 32);
    meta["annotations"] = {{"kubernetes.io/config.hash", hash},
                           {"kubernetes.io/config.mirror", hash},
                           {"kubernetes.io/config.seen", stamp(pod.created)},
                           {"kubernetes.io/config.source", "file"}};
  }
  if (pod.deleting) {
    meta["deletionGracePeriodSeconds"] = kGrace;
    meta["deletionTimestamp"] = stamp(*pod.deleting + std::chrono::seconds{kGrace});
  }
  return meta;
}

std::string container_name(const Pod& pod) {
  const auto component = pod.spec.labels.find("component");
  if (pod.mirror && component != pod.spec.labels.end()) return component->second;
  return pod.workload.empty() ? "main" : pod.workload;
}

json pod_spec(const Pod& pod) {
  json container = {{"name", container_name(pod)},
                    {"image", pod.spec.image},
                    {"imagePullPolicy", "IfNotPresent"},
                    {"resources", json::object()}};
  json spec = {{"containers", json::array({std::move(container)})},
               {"restartPolicy", "Always"},
               {"schedulerName", "default-scheduler"},
               {"terminationGracePeriodSeconds", kGrace}};
  if (!pod.node.empty()) spec["nodeName"] = pod.node;
  if (pod.mirror) spec["hostNetwork"] = true;
  if (pod.spec.empty_dir)
    spec["volumes"].push_back({{"name", "scratch"}, {"emptyDir", json::object()}});
  if (!pod.spec.volume.empty()) {
    spec["volumes"].push_back(
        {{"name", "data"}, {"persistentVolumeClaim", {{"claimName", pod.spec.volume}}}});
  }
  for (const Toleration& one : pod.spec.tolerations) {
    json toleration = {{"operator", "Exists"}};
    if (!one.key.empty()) toleration["key"] = one.key;
    if (!one.effect.empty()) toleration["effect"] = one.effect;
    spec["tolerations"].push_back(std::move(toleration));
  }
  return spec;
}

// Of the newest container: another one whenever it was started again.
std::string container_id(const Pod& pod) {
  return "containerd://" + sha256_hex(pod.uid + stamp(pod.started) + std::to_string(pod.starts));
}

json container_state(const Pod& pod) {
  if (!pod.finished) return {{"running", {{"startedAt", stamp(pod.started)}}}};
  return {{"terminated",
           {{"exitCode", 0}, {"reason", "Completed"}, {"startedAt", stamp(pod.started)}}}};
}

json container_statuses(const Pod& pod) {
  return json::array({{{"name", container_name(pod)},
                       {"image", pod.spec.image},
                       {"imageID", "sha256:" + sha256_hex(pod.spec.image)},
                       {"containerID", container_id(pod)},
                       {"lastState", json::object()},
                       {"ready", pod.ready},
                       {"restartCount", pod.starts},
                       {"started", true},
                       {"state", container_state(pod)}}});
}

json pod_status(const Pod& pod) {
  json status = {{"phase", pod.phase()}, {"qosClass", "BestEffort"}};
  const auto is = [&](const std::string& type, bool value) {
    const std::string reason = value ? "" : pod.finished ? "PodCompleted" : "ContainersNotReady";
    const std::string message =
        value || pod.finished ? ""
                              : "containers with unready status: [" + container_name(pod) + "]";
    status["conditions"].push_back(condition(type, value, reason, message, pod.started));
  };
  if (pod.evicted) {
    status["conditions"].push_back(condition("DisruptionTarget", true, "EvictionByEvictionAPI",
                                             "Eviction API: evicting", *pod.evicted));
  }
  if (pod.node.empty()) {
    status["conditions"].push_back(
        condition("PodScheduled", false, "Unschedulable",
                  "no node is available: preemption is not helpful for scheduling.", pod.created));
    return status;
  }
  is("PodReadyToStartContainers", true);
  is("Initialized", true);
  is("Ready", pod.ready);
  is("ContainersReady", pod.ready);
  is("PodScheduled", true);
  status["startTime"] = stamp(pod.started);
  status["containerStatuses"] = container_statuses(pod);
  return status;
}

}  // namespace

json pod_json(const Pod& pod) {
  return {{"metadata", pod_metadata(pod)}, {"spec", pod_spec(pod)}, {"status", pod_status(pod)}};
}

}  // namespace drover::sandbox
