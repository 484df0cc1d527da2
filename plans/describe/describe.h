#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "inventory/upgrade_plan.h"
#include "plans/describe/trouble.h"
#include "plans/plan.h"

/// `describe`: what is asked of the API, and what its answers make.
namespace drover::plans {

ApiRequest describe_node_request(const std::string& node);
ApiRequest pods_of_node_request(const std::string& node);

/// A pod on a node, as one row.
struct PodRow {
  std::string ns;
  std::string name;
  std::string status;
  int ready = 0;
  int containers = 0;
  int restarts = 0;
  std::string created;
  Resources requests;
};

/// Who has cordoned a node.
struct CordonedBy {
  bool cordoned = false;
  std::string run;      ///< of Drover; "": somebody else
  std::string purpose;  ///< "node drain"; "": an upgrade
};

struct NodeDescription {
  NodeDetail node;
  std::string host;  ///< in the inventory; "": it is not there
  CordonedBy cordon;
  std::vector<Trouble> troubles;
  std::vector<PodRow> pods;  ///< by namespace and name; finished ones too
  Resources requests;        ///< of those that have not finished
  ForeseenDrain drain;
  std::vector<ClusterEvent> events;  ///< newest last: the node's, and warnings about its pods
};

struct PodDescription {
  PodDetail pod;
  std::string status;
  std::vector<Trouble> troubles;
  std::vector<std::string> owners;  ///< "Deployment/web", then what that made, down to the pod's
  Resources requests;
  Resources limits;
  std::vector<std::string> budgets;  ///< that cover it, with their specs and how they stand
  ForeseenDrain drain;               ///< of its node, as far as it is about this pod
  std::vector<ClusterEvent> events;  ///< newest last
};

/// What the answers say. Of `facts` these are read: `pods` (of the node, or the one), `budgets`,
/// `workloads`, `replicas`.
struct LookedAt {
  ClusterFacts facts;
  std::vector<PodDetail> pods;
  std::vector<PodClaim> claims;
  std::vector<ClusterEvent> events;
};

/// Events beyond this number are left out, the oldest first.
inline constexpr std::size_t kMostEvents = 20;

NodeDescription describe_node(NodeDetail node, std::string host, LookedAt seen);
/// Of the only pod in `seen`. `node`: the one that it is on, if it was found.
PodDescription describe_pod(LookedAt seen, const std::optional<Node>& node);

}  // namespace drover::plans
