#pragma once

#include <stop_token>
#include <variant>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "remote/kube_api.h"
#include "remote/node.h"

namespace drover::orchestrator {

/// One pass over a machine: what it is.
Result<NodeFacts> gather_machine(const Host& host, remote::NodeReader& node, std::stop_token stop);

/// The same, and what the target minor's repository offers it.
Result<NodeFacts> gather_node(const Host& host, const Target& target, remote::NodeReader& node,
                              std::stop_token stop);

/// Which cluster it is, and who holds its lock.
struct ClusterIdentity {
  std::string uid;
  std::optional<Lease> lock;
};
Result<ClusterIdentity> gather_identity(remote::ApiReader& api, std::stop_token stop);

/// What kubeadm keeps of its configuration in the cluster.
Status gather_kubeadm_config(remote::ApiReader& api, ClusterFacts& facts, std::stop_token stop);

/// The identity and the nodes alone, of one pass over the API.
Result<ClusterFacts> gather_nodes(remote::ApiReader& api, std::stop_token stop);

/// One pass over the API. `hosts` stays empty.
Result<ClusterFacts> gather_cluster(remote::ApiReader& api, std::stop_token stop);

}  // namespace drover::orchestrator
