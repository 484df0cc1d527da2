#pragma once

#include <string>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "plans/etcd/judge.h"
#include "plans/plan.h"

/// `drover etcd defrag` as a plan: a step for each member, `node/<host>/etcd-defrag`, the leader's
/// last, one after the other.
namespace drover::plans {

struct DefragInput {
  const Inventory& inventory;
  const ClusterFacts& facts;        ///< which cluster it is, and its lock
  const EtcdReport& report;         ///< etcd, as it was just seen
  std::string created = {};         ///< RFC 3339
  std::string preamble = {};        ///< the frame in which node commands run
  std::string self = {};            ///< holder identity of a lock that is not foreign
  std::string inventory_path = {};  ///< absolute
};

/// With blockers and without steps when not all members are well.
Plan make_defrag_plan(const DefragInput& input);

}  // namespace drover::plans
