#pragma once

#include <string>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"

namespace drover::test {

/// cp1 and `workers` workers w1, w2, ... as an inventory.
Inventory sample_inventory(int workers);

/// `target: 1.34.4`, everything else by default.
UpgradePlan sample_upgrade();

/// What a healthy cluster of that inventory at 1.33.13 shows: static pods, CoreDNS, kube-proxy, and
/// one pod of default/web on each worker under the budget default/web (minAvailable 3 of 4).
ClusterFacts sample_facts(int workers);

/// Brings a node of sample_facts to 1.34.4, packages and kubelet.
void upgrade_node_facts(ClusterFacts& facts, const std::string& node);

/// Brings the control plane's static pods and kubeadm-config to 1.34.4.
void upgrade_control_plane_facts(ClusterFacts& facts);

}  // namespace drover::test
