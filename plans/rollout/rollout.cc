#include "plans/rollout/rollout.h"

#include <algorithm>
#include <map>
#include <unordered_set>

namespace drover::plans {
namespace {

std::vector<CountedWorker> count_workers(const Inventory& inventory, const UpgradePlan& file,
                                         const ClusterFacts& facts) {
  std::map<std::string_view, const Host*> by_node;
  for (const Host& host : inventory.hosts) by_node.emplace(host.node, &host);
  std::vector<CountedWorker> workers;
  for (const Node& node : facts.nodes) {
    const auto found = by_node.find(node.name);
    const Host* host = found == by_node.end() ? nullptr : found->second;
    if (node.is_control_plane()) continue;
    if (host != nullptr && (host->has(Role::ControlPlane) || file.excludes(*host))) continue;
    workers.push_back(
        {node.name, host == nullptr ? "" : host->name, host == nullptr ? "" : host->domain});
  }
  return workers;
}

std::vector<GroupBudget> budgets_of(const Inventory& inventory,
                                    const std::vector<CountedWorker>& workers) {
  std::unordered_set<std::string_view> counted;
  for (const CountedWorker& worker : workers) counted.insert(worker.host);
  std::vector<GroupBudget> budgets;
  for (const Group& group : inventory.groups) {
    if (!group.max_unavailable) continue;
    GroupBudget budget{.name = group.name};
    for (const std::string& host : group.hosts) {
      if (counted.contains(host)) budget.hosts.push_back(host);
    }
    budget.most = group.max_unavailable->of_floor(static_cast<int>(budget.hosts.size()));
    if (!budget.hosts.empty()) budgets.push_back(std::move(budget));
  }
  return budgets;
}

}  // namespace

Rollout make_rollout(const Inventory& inventory, const UpgradePlan& file,
                     const ClusterFacts& facts) {
  return make_rollout(inventory, file, count_workers(inventory, file, facts));
}

Rollout make_rollout(const Inventory& inventory, const UpgradePlan& file,
                     std::vector<CountedWorker> workers) {
  const RolloutPolicy& policy = file.rollout;
  const int total = static_cast<int>(workers.size());
  Rollout rollout{.budget = policy.max_unavailable.of_floor(total),
                  .canary = policy.canary,
                  .per_domain = policy.per_domain.value_or(0),
                  .order = policy.order,
                  .on_blocked = policy.on_blocked,
                  .max_failed = policy.max_failed_nodes,
                  .pause = policy.pause,
                  .window = policy.window,
                  .patience = file.health.timeout,
                  .groups = budgets_of(inventory, workers)};
  int width = 1;
  for (const Share& share : policy.ramp) {
    width = std::max(width, share.of_floor(total));  // it widens, whatever a share comes to
    if (width >= rollout.budget) break;              // from here on the budget is the limit
    rollout.ramp.push_back(width);
  }
  rollout.workers = std::move(workers);
  return rollout;
}

Rollout without_stops(Rollout rollout) {
  rollout.pause = {};
  rollout.window.reset();
  return rollout;
}

}  // namespace drover::plans
