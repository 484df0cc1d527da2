#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"

namespace drover::plans {

/// A worker that counts for the budgets, whether it gets steps or not (S6).
struct CountedWorker {
  std::string node;    ///< Kubernetes node name
  std::string host;    ///< inventory host name; "": it is not in the inventory
  std::string domain;  ///< failure domain; "": none

  bool operator==(const CountedWorker&) const = default;
};

/// A group's own limit.
struct GroupBudget {
  std::string name;
  int most = 1;                    ///< of its workers down at once
  std::vector<std::string> hosts;  ///< its workers, by inventory name
};

/// How the workers are taken, with every share worked out: part of the plan.
struct Rollout {
  int budget = 1;          ///< workers down at once
  int canary = 0;          ///< workers that are done alone first
  std::vector<int> ramp;   ///< widths after them; each lasts until as many workers have settled
  int drains_at_once = 0;  ///< nodes that are emptied at once; 0: as many as are taken
  int per_domain = 0;      ///< workers down at once in a failure domain; 0: no such limit
  WorkerOrder order = WorkerOrder::Auto;
  OnBlocked on_blocked = OnBlocked::Defer;
  int max_failed = 0;  ///< workers that may fail before nothing new is begun
  PausePolicy pause;
  std::optional<MaintenanceWindow> window;
  /// How long workers that are down by themselves are waited for when nothing else can go on.
  std::chrono::seconds patience{5 * 60};
  std::vector<GroupBudget> groups;
  std::vector<CountedWorker> workers;
};

/// What the files say about the workers that were seen. Excluded ones do not count.
Rollout make_rollout(const Inventory& inventory, const UpgradePlan& file,
                     const ClusterFacts& facts);

/// The same for workers that were counted before: the files were edited since.
Rollout make_rollout(const Inventory& inventory, const UpgradePlan& file,
                     std::vector<CountedWorker> workers);

/// Without what makes a run stop and ask or wait: for one that changes nothing.
Rollout without_stops(Rollout rollout);

}  // namespace drover::plans
