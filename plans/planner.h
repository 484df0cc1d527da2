#pragma once

#include <string>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/plan.h"

namespace drover::plans {

struct PlanInput {
  const Inventory& inventory;
  const UpgradePlan& file;
  const ClusterFacts& facts;
  std::string created;              ///< RFC 3339
  std::string preamble;             ///< the frame in which node commands run
  std::string self;                 ///< holder identity of a lock that is not foreign; may be empty
  std::string inventory_path = {};  ///< of the inventory's file, absolute
  std::vector<std::string> unfinished_runs = {};  ///< earlier runs whose cordons are ours (S10)
};

/// The whole plan: verdicts, foreseen drains, and the graph. The graph is empty when nothing is to
/// be done, and when a verdict leaves no way to build it (several hops, a package that is not
/// offered).
Plan make_plan(const PlanInput& input);

/// `path: then → now` for everything that differs between two fingerprints.
std::vector<std::string> fingerprint_differences(const Plan& then, const Plan& now);

}  // namespace drover::plans
