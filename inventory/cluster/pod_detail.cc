#include "inventory/cluster/pod_detail.h"

#include <algorithm>
#include <array>

#include "inventory/cluster/json.h"

namespace drover {
namespace {

using Kind = ContainerDetail::Kind;
using State = ContainerDetail::State;

// Those that matter in an incident; any other is shown without its kind.
constexpr std::array<std::string_view, 11> kVolumeKinds = {
    "emptyDir", "hostPath",  "persistentVolumeClaim", "ephemeral", "configMap",
    "secret",   "projected", "downwardAPI",           "csi",       "nfs",
    "image"};

std::optional<ContainerEnd> read_end(const JsonField& terminated) {
  if (!terminated.present()) return std::nullopt;
  return ContainerEnd{terminated["exitCode"].number(), terminated["signal"].number(),
                      terminated["reason"].text(),     terminated["message"].text(),
                      terminated["startedAt"].text(),  terminated["finishedAt"].text()};
}

ContainerDetail read_spec(const JsonField& spec, Kind kind) {
  const bool stays = kind == Kind::Init && spec["restartPolicy"].text() == "Always";
  return {.name = spec["name"].text(),
          .image = spec["image"].text(),
          .kind = stays ? Kind::Sidecar : kind,
          .startup_probe = spec["startupProbe"].present(),
          .readiness_probe = spec["readinessProbe"].present(),
          .liveness_probe = spec["livenessProbe"].present()};
}

void read_status(const JsonField& status, ContainerDetail& container) {
  container.id = status["containerID"].text();
  container.ready = status["ready"].flag();
  container.started = status["started"].flag();
  container.restarts = status["restartCount"].number();
  container.last_end = read_end(status["lastState"]["terminated"]);
  const JsonField state = status["state"];
  container.end = read_end(state["terminated"]);
  container.running_since = state["running"]["startedAt"].text();
  container.reason = state["waiting"]["reason"].text();
  container.message = state["waiting"]["message"].text();
  if (state["running"].present()) container.state = State::Running;
  if (state["waiting"].present()) container.state = State::Waiting;
  if (container.end) container.state = State::Ended;
}

void read_containers(const JsonField& specs, const JsonField& statuses, Kind kind,
                     std::vector<ContainerDetail>& containers) {
  const std::vector<JsonField> known = statuses.items();
  for (const JsonField& spec : specs.items()) {
    ContainerDetail container = read_spec(spec, kind);
    const auto status = std::find_if(known.begin(), known.end(), [&](const JsonField& one) {
      return one["name"].text() == container.name;
    });
    if (status != known.end()) read_status(*status, container);
    containers.push_back(std::move(container));
  }
}

PodVolume read_volume(const JsonField& volume, const std::string& pod) {
  PodVolume read{.name = volume["name"].text()};
  for (const std::string_view kind : kVolumeKinds) {
    if (volume[kind].present()) read.kind = kind;
  }
  read.claim = volume["persistentVolumeClaim"]["claimName"].text();
  if (read.kind == "ephemeral") read.claim = pod + "-" + read.name;
  return read;
}

}  // namespace

const ContainerDetail* PodDetail::find(std::string_view container) const {
  const auto found = std::find_if(containers.begin(), containers.end(),
                                  [&](const auto& one) { return one.name == container; });
  return found == containers.end() ? nullptr : &*found;
}

PodDetail read_pod_detail(const JsonField& object) {
  PodDetail detail{.pod = read_pod(object)};
  const JsonField metadata = object["metadata"];
  detail.created = metadata["creationTimestamp"].text();
  detail.deleted = metadata["deletionTimestamp"].text();
  detail.default_container =
      metadata["annotations"]["kubectl.kubernetes.io/default-container"].text();
  const JsonField spec = object["spec"];
  const JsonField status = object["status"];
  detail.reason = status["reason"].text();
  detail.message = status["message"].text();
  detail.conditions = read_conditions(status["conditions"]);
  auto& containers = detail.containers;
  read_containers(spec["containers"], status["containerStatuses"], Kind::App, containers);
  read_containers(spec["initContainers"], status["initContainerStatuses"], Kind::Init, containers);
  read_containers(spec["ephemeralContainers"], status["ephemeralContainerStatuses"],
                  Kind::Ephemeral, containers);
  for (const JsonField& volume : spec["volumes"].items()) {
    detail.volumes.push_back(read_volume(volume, detail.pod.name));
  }
  return detail;
}

Result<PodDetail> parse_pod_detail(std::string_view json) {
  return parse_object(json, "Pod", read_pod_detail);
}

Result<std::vector<PodDetail>> parse_pod_details(std::string_view pod_list) {
  return parse_list(pod_list, "Pod", read_pod_detail);
}

}  // namespace drover
