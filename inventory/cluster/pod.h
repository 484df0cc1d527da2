#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/json.h"

namespace drover {

/// The owner reference with `controller: true`.
struct Controller {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid = {};
};

/// Of metadata.ownerReferences.
std::optional<Controller> read_controller(const JsonField& owners);

struct ContainerStatus {
  std::string name;
  std::string container_id;
  std::string started_at;  ///< RFC 3339 of state.running.startedAt; empty when not running
  bool ready = false;
  int restart_count = 0;
  std::string waiting_reason;  ///< for example CrashLoopBackOff
};

/// core/v1 Pod, as far as Drover reads it.
struct Pod {
  std::string ns;
  std::string name;
  std::string uid;
  std::string node;   ///< spec.nodeName; empty while pending
  std::string phase;  ///< Pending, Running, Succeeded, Failed, Unknown
  std::map<std::string, std::string> labels;
  std::optional<Controller> controller;
  bool mirror = false;    ///< annotation kubernetes.io/config.mirror: a static pod's reflection
  bool deleting = false;  ///< deletionTimestamp is set
  bool has_emptydir = false;
  bool ready = false;                   ///< condition Ready is True
  std::vector<std::string> claims;      ///< PersistentVolumeClaims that its volumes stand for
  std::vector<std::string> finalizers;  ///< what keeps it in being after it has terminated
  std::vector<std::string> images;      ///< of spec.containers
  std::vector<ContainerStatus> containers;

  bool finished() const { return phase == "Succeeded" || phase == "Failed"; }
  std::string full_name() const { return ns + "/" + name; }
};

Pod read_pod(const JsonField& object);
Result<std::vector<Pod>> parse_pod_list(std::string_view json);

}  // namespace drover
