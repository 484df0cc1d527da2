#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/event.h"
#include "inventory/cluster/node_detail.h"
#include "inventory/cluster/pod_detail.h"

/// What is wrong with an object, said first and in one line each, so that nobody has to find it
/// among what is right.
namespace drover::plans {

struct Trouble {
  std::string text;   ///< sanitised
  std::string since;  ///< RFC 3339: since when, or when it happened; "": not known
};

/// What `kubectl get pods` shows as STATUS: the phase, or what keeps it from being that of a pod
/// that is well: "CrashLoopBackOff", "Init:0/1", "Terminating".
std::string pod_status(const PodDetail& pod);

/// Of a pod, with what its events say of probes. `node`: the one that it is on; nullptr: none, or
/// not known.
std::vector<Trouble> pod_troubles(const PodDetail& pod, const std::vector<ClusterEvent>& events,
                                  const Node* node);

std::vector<Trouble> node_troubles(const NodeDetail& node);

}  // namespace drover::plans
