#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "inventory/cluster/config_map.h"
#include "inventory/cluster/lease.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "inventory/cluster/pod_disruption_budget.h"
#include "inventory/cluster/replicas.h"
#include "inventory/cluster/workload.h"

namespace drover {

/// A line of a package source list that names a Kubernetes repository.
struct RepositoryLine {
  std::string file;
  int line = 0;      ///< from 1
  std::string text;  ///< the whole line

  bool operator==(const RepositoryLine&) const = default;
};

/// What tells whether a machine asks to be started anew.
struct RebootNeed {
  std::string file;                ///< by which its packages ask for it; "": there is none
  std::set<std::string> packages;  ///< that asked, where the file beside it names them
  std::string kernel;              ///< the release that runs
  std::set<std::string> kernels;   ///< releases installed

  bool operator==(const RebootNeed&) const = default;
};

/// What one pass over a machine showed.
struct NodeFacts {
  std::string host;  ///< inventory host name
  std::string boot_id;
  std::string os;               ///< PRETTY_NAME of os-release
  std::string architecture;     ///< dpkg's or rpm's word for it
  std::string package_manager;  ///< who owns the kubelet binary: "apt"; "" when no package does
  std::map<std::string, std::string>
      installed;                       ///< package name -> revision, Kubernetes packages only
  std::set<std::string> held;          ///< Kubernetes packages only
  std::string kubeadm_version;         ///< what the binary says, "v1.33.13"
  std::string kubelet_binary_version;  ///< what the binary on disk says
  std::vector<RepositoryLine> repository;
  std::map<std::string, std::vector<std::string>>
      offered;                                ///< by the target's repository, newest first
  std::string offered_error;                  ///< why the target's repository could not be read
  std::map<std::string, std::uint64_t> free;  ///< mount-independent path -> free bytes there
  std::uint64_t etcd_bytes = 0;               ///< size of etcd's data, 0 without etcd
  bool static_pods = false;                   ///< kube-apiserver manifest present
  bool dpkg_interrupted = false;
  RebootNeed reboot;
};

/// What one pass over the cluster showed. Pure input of the planner.
struct ClusterFacts {
  std::string uid;             ///< of namespace kube-system: which cluster this is
  std::string server_version;  ///< gitVersion of the API server that answered
  KubeadmConfig kubeadm;
  std::string kubeadm_config;  ///< the YAML text that `kubeadm` was read from
  std::string kubeadm_config_sha256;
  std::vector<Node> nodes;  ///< sorted by name
  std::vector<Pod> pods;
  std::vector<PodDisruptionBudget> budgets;
  std::vector<Replicas> replicas;   ///< ReplicaSets, StatefulSets and ReplicationControllers
  std::vector<Workload> workloads;  ///< DaemonSets of all namespaces; Deployments of kube-system
  std::optional<Lease> lock;        ///< kube-system/drover
  std::map<std::string, NodeFacts> hosts;  ///< by inventory host name

  const Node* find_node(std::string_view name) const;
};

}  // namespace drover
