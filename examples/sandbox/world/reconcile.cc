#include "examples/sandbox/world/reconcile.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "inventory/base/digest.h"

namespace drover::sandbox {
namespace {

using Kind = Workload::Kind;

constexpr const char* kHash = "pod-template-hash";
constexpr const char* kRevision = "controller-revision-hash";
constexpr const char* kUnschedulable = "node.kubernetes.io/unschedulable";

std::vector<Pod*> pods_of(World& world, const Workload& workload) {
  std::vector<Pod*> pods;
  for (Pod& pod : world.pods)
    if (pod.ns == workload.ns && pod.workload == workload.name && !pod.finished)
      pods.push_back(&pod);
  return pods;
}

bool is_current(const Pod& pod, const Workload& workload) {
  return pod.spec.image == workload.pods.image;
}

// Replicas, and the roll-out of a new template: one more than wanted at most, one fewer Ready at
// most.
bool step_replicas(World& world, const Workload& workload, Moment at) {
  int there = 0;
  int current = 0;
  int ready = 0;
  Pod* oldest = nullptr;  // of those to be replaced; one that serves nobody goes first
  for (Pod* pod : pods_of(world, workload)) {
    if (pod->deleting) continue;
    ++there;
    ready += pod->ready ? 1 : 0;
    if (is_current(*pod, workload)) {
      ++current;
    } else if (oldest == nullptr || (oldest->ready && !pod->ready)) {
      oldest = pod;
    }
  }
  const int most = workload.replicas + (oldest == nullptr ? 0 : 1);
  if (current < workload.replicas && there < most) {
    make_pod(world, workload, "", at);
    return true;
  }
  if (oldest != nullptr && (!oldest->ready || ready >= workload.replicas)) {
    begin_deletion(world, *oldest, at);
    return true;
  }
  if (oldest == nullptr && there > workload.replicas) {
    for (Pod* pod : pods_of(world, workload)) {
      if (pod->deleting) continue;
      begin_deletion(world, *pod, at);
      return true;
    }
  }
  return false;
}

// In order, and none before the one below it is Ready; under its old name only once that is free.
bool step_stateful_set(World& world, const Workload& workload, Moment at) {
  for (int i = 0; i < workload.replicas; ++i) {
    const std::string name = fmt::format("{}-{}", workload.name, i);
    const Pod* pod = world.find_pod(workload.ns, name);
    if (pod == nullptr) {
      make_pod(world, workload, name, at);
      return true;
    }
    if (!pod->ready || pod->deleting) return false;
  }
  return false;
}

bool step_daemon_set(World& world, const Workload& workload, Moment at) {
  bool all_well = true;
  Pod* outdated = nullptr;
  std::set<std::string> nodes;
  for (Pod* pod : pods_of(world, workload)) {
    nodes.insert(pod->node);
    all_well = all_well && pod->ready && !pod->deleting;
    if (outdated == nullptr && !is_current(*pod, workload)) outdated = pod;
  }
  for (const ClusterNode& node : world.nodes) {
    if (nodes.count(node.name()) > 0) continue;
    place(world, make_pod(world, workload, "", at), node, at);
    return true;
  }
  if (outdated == nullptr || !all_well) return false;
  begin_deletion(world, *outdated, at);
  return true;
}

bool step(World& world, const Workload& workload, Moment at) {
  if (world.terminating_namespaces.count(workload.ns) > 0) return false;
  switch (workload.kind) {
    case Kind::Deployment:
    case Kind::ReplicaSet:
      return step_replicas(world, workload, at);
    case Kind::StatefulSet:
      return step_stateful_set(world, workload, at);
    case Kind::DaemonSet:
      return step_daemon_set(world, workload, at);
  }
  return false;
}

Owner owner_of(const Workload& workload) {
  const bool by_replica_set = workload.kind == Kind::Deployment;
  const std::string kind = by_replica_set ? "ReplicaSet" : kind_name(workload.kind);
  const std::string name = by_replica_set ? workload.replica_set() : workload.name;
  return {"apps/v1", kind, name, workload.uid};
}

// As the node lifecycle controller does it, in an update of its own.
void taint_cordoned(World& world, ClusterNode& node, Moment at) {
  const bool changed = node.unschedulable() ? node.taint({kUnschedulable, "", "NoSchedule"}, at)
                                            : node.untaint(kUnschedulable);
  if (changed) world.touch(node);
}

void attach_volumes(World& world, Moment at) {
  const auto attached = [&](const Pod& pod) {
    return std::any_of(world.attachments.begin(), world.attachments.end(), [&](const auto& one) {
      return one.volume == pod.spec.volume && one.node == pod.node && !one.detaching;
    });
  };
  for (const Pod& pod : world.pods) {
    if (pod.spec.volume.empty() || pod.node.empty() || attached(pod)) continue;
    Attachment attachment{.name = "csi-" + sha256_hex(pod.spec.volume + pod.node),
                          .uid = world.new_uid(),
                          .volume = pod.spec.volume,
                          .node = pod.node,
                          .created = at};
    world.touch(attachment);
    world.attachments.push_back(std::move(attachment));
  }
  for (Attachment& one : world.attachments) {
    const bool used = std::any_of(world.pods.begin(), world.pods.end(), [&](const Pod& pod) {
      return pod.spec.volume == one.volume && pod.node == one.node;
    });
    if (used || one.detaching) continue;
    one.detaching = at;
    world.touch(one);
  }
}

}  // namespace

const ClusterNode* choose_node(const World& world, const Pod& pod) {
  using Rank = std::tuple<int, long, long>;
  const ClusterNode* chosen = nullptr;
  Rank best;
  for (const ClusterNode& node : world.nodes) {
    if (!node.ready || node.unschedulable()) continue;
    int unwelcome = 0;
    bool forbidden = false;
    for (const Taint& taint : node.taints()) {
      if (pod.spec.tolerates(taint)) continue;
      const bool soft = taint.effect == "PreferNoSchedule";
      unwelcome += soft ? 1 : 0;
      forbidden = forbidden || !soft;
    }
    if (forbidden) continue;
    long alike = 0;
    long all = 0;
    for (const Pod& other : world.pods) {
      if (other.node != node.name() || other.deleting) continue;
      ++all;
      alike += other.ns == pod.ns && other.workload == pod.workload ? 1 : 0;
    }
    const Rank rank{unwelcome, alike, all};
    if (chosen != nullptr && best <= rank) continue;
    chosen = &node;
    best = rank;
  }
  return chosen;
}

Pod& make_pod(World& world, const Workload& workload, const std::string& name, Moment at) {
  Pod pod;
  pod.ns = workload.ns;
  pod.workload = workload.name;
  pod.uid = world.new_uid();
  pod.spec = workload.pods;
  pod.owner = owner_of(workload);
  pod.created = at;
  pod.name = name.empty() ? pod.owner->name + "-" + world.random_suffix() : name;
  const bool by_replica_set =
      workload.kind == Kind::Deployment || workload.kind == Kind::ReplicaSet;
  pod.spec.labels[by_replica_set ? kHash : kRevision] = workload.template_hash();
  world.touch(pod);
  world.pods.push_back(std::move(pod));
  return world.pods.back();
}

void place(World& world, Pod& pod, const ClusterNode& node, Moment at) {
  pod.node = node.name();
  pod.started = at;
  world.touch(pod);
}

void begin_deletion(World& world, Pod& pod, Moment at) {
  if (pod.deleting) return;
  pod.deleting = at;
  world.touch(pod);
}

void reconcile(World& world, Moment at) {
  for (ClusterNode& node : world.nodes) taint_cordoned(world, node, at);
  for (const Workload& workload : world.workloads) {
    while (step(world, workload, at)) {
    }
  }
  for (Pod& pod : world.pods) {
    if (!pod.node.empty() || pod.deleting || pod.finished) continue;
    if (const ClusterNode* node = choose_node(world, pod)) place(world, pod, *node, at);
  }
  attach_volumes(world, at);
}

}  // namespace drover::sandbox
