#include "inventory/cluster/pod.h"

namespace drover {
std::optional<Controller> read_controller(const JsonField& owners) {
  for (const JsonField& owner : owners.items()) {
    if (!owner["controller"].flag()) continue;
    return Controller{owner["apiVersion"].text(), owner["kind"].text(), owner["name"].text(),
                      owner["uid"].text()};
  }
  return std::nullopt;
}

namespace {

ContainerStatus read_container(const JsonField& status) {
  ContainerStatus container;
  container.name = status["name"].text();
  container.container_id = status["containerID"].text();
  container.ready = status["ready"].flag();
  container.restart_count = status["restartCount"].number();
  const JsonField state = status["state"];
  container.started_at = state["running"]["startedAt"].text();
  container.waiting_reason = state["waiting"]["reason"].text();
  return container;
}

// An ephemeral volume has a claim of its own, named after the pod and the volume.
void read_volume(const JsonField& volume, Pod& pod) {
  pod.has_emptydir = pod.has_emptydir || volume["emptyDir"].present();
  const JsonField claim = volume["persistentVolumeClaim"];
  if (claim.present()) pod.claims.push_back(claim["claimName"].text());
  if (volume["ephemeral"].present()) pod.claims.push_back(pod.name + "-" + volume["name"].text());
}

bool read_ready(const JsonField& conditions) {
  for (const JsonField& condition : conditions.items()) {
    if (condition["type"].text() == "Ready") return condition["status"].text() == "True";
  }
  return false;
}

}  // namespace

Pod read_pod(const JsonField& object) {
  Pod pod;
  const JsonField metadata = object["metadata"];
  pod.ns = metadata["namespace"].text();
  pod.name = metadata["name"].text();
  pod.uid = metadata["uid"].text();
  pod.labels = metadata["labels"].text_map();
  pod.controller = read_controller(metadata["ownerReferences"]);
  pod.mirror = metadata["annotations"]["kubernetes.io/config.mirror"].present();
  pod.deleting = metadata["deletionTimestamp"].present();
  pod.finalizers = metadata["finalizers"].texts();

  const JsonField spec = object["spec"];
  pod.node = spec["nodeName"].text();
  for (const JsonField& volume : spec["volumes"].items()) {
    read_volume(volume, pod);
  }
  for (const JsonField& container : spec["containers"].items()) {
    pod.images.push_back(container["image"].text());
  }

  const JsonField status = object["status"];
  pod.phase = status["phase"].text();
  pod.ready = read_ready(status["conditions"]);
  for (const JsonField& container : status["containerStatuses"].items()) {
    pod.containers.push_back(read_container(container));
  }
  return pod;
}

Result<std::vector<Pod>> parse_pod_list(std::string_view json) {
  return parse_list(json, "Pod", read_pod);
}

}  // namespace drover
