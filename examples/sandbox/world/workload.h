#pragma once

#include <string>

#include "examples/sandbox/world/pod.h"

namespace drover::sandbox {

/// What keeps pods there.
struct Workload {
  enum class Kind { Deployment, ReplicaSet, StatefulSet, DaemonSet };

  Kind kind = Kind::Deployment;
  std::string ns;
  std::string name;
  std::string uid;
  PodSpec pods;
  int replicas = 1;  ///< a DaemonSet has one a node instead
  long generation = 1;
  Moment created;
  long revision = 0;

  Selector selector() const { return equal_to(pods.labels); }
  /// Of the template as it is: pods of an older one have another.
  std::string template_hash() const;
  /// Of its ReplicaSet; a ReplicaSet's own.
  std::string replica_set() const;
};

const char* kind_name(Workload::Kind kind);
/// std::invalid_argument: there is none of this name.
Workload::Kind parse_kind(const std::string& name);

}  // namespace drover::sandbox
