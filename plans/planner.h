#pragma once

#include <string>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/plan.h"
#include "plans/rollout/past_durations.h"

namespace drover::plans {

struct PlanInput {
  const Inventory& inventory;
  const UpgradePlan& file;
  const ClusterFacts& facts;
  std::string created;   ///< RFC 3339
  std::string preamble;  ///< the frame in which node commands run
  std::string self;      ///< holder identity of a lock that is not foreign; may be empty
  std::vector<std::string> unfinished_runs = {};  ///< earlier runs whose cordons are ours (S10)
  std::string unfinished_run = {};                ///< the newest of them that can go on; "": none
  PastDurations past = {};                        ///< of earlier runs of this cluster
  std::string inventory_path = {};                ///< of the inventory's file, absolute
};

/// The whole plan: verdicts, foreseen drains, and the graph. The graph is empty when nothing is to
/// be done, and when a verdict leaves no way to build it (several hops, a package that is not
/// offered).
Plan make_plan(const PlanInput& input);

/// Workers of the inventory that were not looked at when the plan was made, by its fingerprint: who
/// compares with it later must leave out the same ones.
std::vector<std::string> hosts_not_seen(const Plan& plan, const Inventory& inventory);

/// `path: then → now` for everything that differs between two fingerprints.
std::vector<std::string> fingerprint_differences(const std::map<std::string, std::string>& then,
                                                 const std::map<std::string, std::string>& now);

}  // namespace drover::plans
