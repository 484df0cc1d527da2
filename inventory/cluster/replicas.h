#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/pod.h"

namespace drover {

/// A ReplicaSet, StatefulSet or ReplicationController: a controller that keeps a number of pods.
struct Replicas {
  std::string kind;
  std::string ns;
  std::string name;
  int wanted = 1;                        ///< spec.replicas
  std::optional<Controller> owner = {};  ///< of a ReplicaSet: its Deployment
};

/// `kind` is ReplicaSet, StatefulSet or ReplicationController.
Result<std::vector<Replicas>> parse_replicas_list(std::string_view json, std::string_view kind);

/// Whether controllers of that kind are among them.
bool keeps_replicas(std::string_view kind);
/// Where they are listed: "/apis/apps/v1/namespaces/default/replicasets"; without `ns`, those of
/// all namespaces.
std::string replicas_path(std::string_view kind, std::string_view ns = {});

}  // namespace drover
