#pragma once

#include <string>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/step.h"

namespace drover::plans {

class DrainForecast;

/// What a step builder knows of the plan around its step. Builders leave `needs` to the planner.
struct Scope {
  const Inventory& inventory;
  const UpgradePlan& file;
  const ClusterFacts& facts;
  KubeVersion from;    ///< of the control plane before this hop
  KubeVersion target;  ///< of this hop
  const Host& first_control_plane;
  std::vector<std::string> unfinished_runs = {};  ///< earlier runs whose cordons are ours (S10)
  const DrainForecast* drains = nullptr;  ///< of these facts; nullptr: whoever needs it makes it
  /// The command that the steps are made for when it is no upgrade: "node drain"
  /// (plans/maintenance).
  std::string node_command = {};

  /// Facts of a host; every host of the plan has them.
  const NodeFacts& node_facts(const Host& host) const { return facts.hosts.at(host.name); }
  /// The revision of `package` that this hop installs on `host`, "" when it is not installed there
  /// or not offered. Looked up, never guessed (design 1.5).
  std::string revision(const Host& host, const std::string& package) const;

  /// An empty step of this hop, or of this command: id, kind, node, host, title and why are set.
  /// Without `node` it is a step of the cluster, and whoever needs a shell for it sets its host.
  Step step(StepKind kind, const Host* node, std::string title, std::string why) const;
};

}  // namespace drover::plans
