#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/node_choice.h"
#include "plans/plan.h"

/// The node commands as plans: the step kinds that an upgrade uses, in chains of their own.
///
/// | command | steps of each node, `node/<host>/<kind>` |
/// |---|---|
/// | cordon | cordon |
/// | drain | cordon of all nodes, then drain, as many at once as were asked for |
/// | uncordon | uncordon |
/// | reboot | cordon, drain, reboot, node-healthy, [static-pods-healthy], uncordon, settled |
///
/// What `cordon` and `drain` cordon stays so: their mark on the node says what it is for. Control
/// planes are rebooted before the workers, one after the other.
namespace drover::plans {

enum class NodeAction { Cordon, Drain, Uncordon, Reboot };
std::string_view action_name(NodeAction action);  ///< "drain"

/// A run of the state folder, which may have left its mark on nodes.
struct EarlierRun {
  std::string id;
  bool upgrade = true;     ///< not a node command
  bool unfinished = true;  ///< it can go on
};

struct MaintenanceInput {
  NodeAction action = NodeAction::Cordon;
  const Inventory& inventory;
  /// What the options say: `drain`, `health` and `rollout.max_unavailable` of it count.
  const UpgradePlan& file;
  const ClusterFacts& facts;  ///< for a reboot with those of the machines
  std::vector<ChosenNode> nodes;
  bool others = false;  ///< uncordon what is not ours, and what an unfinished run holds
  std::vector<EarlierRun> runs = {};  ///< of this cluster in the state folder
  std::string created = {};           ///< RFC 3339
  std::string preamble = {};          ///< the frame in which node commands run
  std::string self = {};              ///< holder identity of a lock that is not foreign
  std::string inventory_path = {};    ///< absolute
};

/// The steps, what the drains would do, and the verdicts: blockers when it must not be done.
Plan make_maintenance_plan(const MaintenanceInput& input);

/// `text` with the plan file's keys replaced by the options that stand for them: what was written
/// for an upgrade, as the user of `node drain` knows it.
std::string in_options(std::string text);

}  // namespace drover::plans
