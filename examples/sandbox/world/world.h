#pragma once

#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "examples/sandbox/world/applied.h"
#include "examples/sandbox/world/budget.h"
#include "examples/sandbox/world/cluster_node.h"
#include "examples/sandbox/world/control_plane.h"
#include "examples/sandbox/world/workload.h"

namespace drover::sandbox {

/// A PersistentVolume at a node.
struct Attachment {
  std::string name;
  std::string uid;
  std::string volume;
  std::string node;
  Moment created;
  std::optional<Moment> detaching;  ///< its last pod there is gone
  long revision = 0;
};

/// An Event, as its writer left it.
struct Event {
  std::string ns;
  std::string name;
  std::string uid;
  std::string kind;       ///< of the object that it is about
  std::string object_ns;  ///< "": of the whole cluster
  std::string object;
  std::string type;  ///< Normal, Warning
  std::string reason;
  std::string message;
  int count = 1;
  Moment at;  ///< seen last
  long revision = 0;
};

/// The cluster: data only. What time does to it is in settle.h, what requests do in eviction.h,
/// patch.h and lock.h. Not for several threads at once.
struct World {
  /// `machines`: their files tell what runs there. `born`: how old the cluster is. Empty of
  /// workloads.
  World(const std::vector<Machine>& machines, Pace how_fast, unsigned seed, Moment born);

  ClusterNode* find_node(const std::string& name);
  const ClusterNode* find_node(const std::string& name) const;
  Pod* find_pod(const std::string& ns, const std::string& name);
  Workload* find_workload(Workload::Kind kind, const std::string& ns, const std::string& name);
  const Workload* find_workload(Workload::Kind kind, const std::string& ns,
                                const std::string& name) const;
  Budget* find_budget(const std::string& ns, const std::string& name);

  /// nullptr: the node is no control plane, or unknown.
  const ControlPlane* control_plane(const std::string& node) const;
  /// The version that `kubeadm upgrade apply` reached last, as kubeadm-config says it.
  std::string version(Moment now) const;

  std::vector<const Pod*> covered_by(const Budget& budget) const;
  BudgetStatus status_of(const Budget& budget) const;

  /// Changes an object's resourceVersion: to be called with whatever was changed.
  template <class Object>
  void touch(Object& object) {
    object.revision = ++revision;
  }
  std::string new_uid();
  std::string random_suffix();  ///< as in the name of a pod

  const Pace pace;
  const Moment born;
  const std::string uid;  ///< of kube-system: it names the cluster
  long revision = 1000;   ///< etcd's
  std::vector<ClusterNode> nodes;
  std::map<std::string, ControlPlane> control_planes;  ///< by node
  std::vector<Pod> pods;
  std::vector<Workload> workloads;
  std::vector<Budget> budgets;
  std::vector<Attachment> attachments;
  std::vector<Event> events;
  std::set<std::string> terminating_namespaces;
  std::map<std::string, Applied> applied;             ///< by path
  std::map<std::string, nlohmann::json> autoscalers;  ///< by "NAMESPACE/NAME", without status
  std::map<std::string, bool> api_services;           ///< those behind a Service -> is available
  /// "NAMESPACE/NAME" of a Service that an admission webhook which fails closed relies on -> the
  /// kind of the webhook's configuration. Behind the Service are the pods that have app=NAME.
  std::map<std::string, std::string> webhooks;
  std::optional<nlohmann::json> lock;  ///< the Lease kube-system/drover
  std::string addons_version;          ///< of the last `upgrade apply` whose add-ons were applied

 private:
  World(const std::vector<Machine>& machines, Pace how_fast, std::mt19937 random, Moment born);
  static std::string make_uid(std::mt19937& random);

  std::mt19937 random_;
};

}  // namespace drover::sandbox
