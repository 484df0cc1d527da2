#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/rollout/rollout.h"

/// Whether the nodes that are down leave room for the workers that are to be taken (S6).
namespace drover::plans {
namespace {

/// Workers under one limit, and how they stand.
struct Budget {
  std::string name;
  std::string key;
  int most = 0;
  int total = 0;
  std::vector<std::string> down;
  bool well_left = false;  ///< one that is well is still to be taken

  bool used_up() const { return well_left && static_cast<int>(down.size()) >= most; }
};

class Count {
 public:
  explicit Count(const CheckInput& input) {
    for (const ForeseenDrain& drain : input.drains) to_do_.insert(drain.node);
    for (const Node& node : input.facts.nodes) {
      if (!node.ready) down_.insert(node.name);
    }
  }

  void add(Budget& budget, const CountedWorker& worker) const {
    ++budget.total;
    if (down_.contains(worker.node)) {
      budget.down.push_back(worker.node);  // who is down anyway may always be taken
    } else {
      budget.well_left = budget.well_left || to_do_.contains(worker.node);
    }
  }

 private:
  std::set<std::string> to_do_;
  std::set<std::string> down_;
};

std::vector<Budget> budgets_of(const Rollout& rollout, const Count& count) {
  std::vector<Budget> budgets = {{"the workers", "workers.max_unavailable", rollout.budget}};
  std::map<std::string, std::vector<size_t>> of_host;
  std::map<std::string, size_t> of_domain;
  for (const GroupBudget& group : rollout.groups) {
    for (const std::string& host : group.hosts) of_host[host].push_back(budgets.size());
    budgets.push_back(
        {"group " + group.name, fmt::format("groups.{}.max_unavailable", group.name), group.most});
  }
  for (const CountedWorker& worker : rollout.workers) {
    count.add(budgets.front(), worker);
    if (const auto groups = of_host.find(worker.host); groups != of_host.end()) {
      for (const size_t at : groups->second) count.add(budgets[at], worker);
    }
    if (rollout.per_domain == 0 || worker.domain.empty()) continue;
    const auto [at, fresh] = of_domain.try_emplace(worker.domain, budgets.size());
    if (fresh) {
      budgets.push_back({"domain " + worker.domain, "workers.per_domain", rollout.per_domain});
    }
    count.add(budgets[at->second], worker);
  }
  return budgets;
}

}  // namespace

std::vector<Verdict> check_budget_used(const CheckInput& input) {
  const Rollout rollout = make_rollout(input.inventory, input.file, input.facts);
  std::vector<Verdict> verdicts;
  for (const Budget& budget : budgets_of(rollout, Count(input))) {
    if (!budget.used_up()) continue;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = budget.name,
         .message = fmt::format("{} of {} workers down already use up the budget of {} ({}): {}",
                                budget.down.size(), budget.total, budget.most, budget.key,
                                join(budget.down, ", ")),
         .remedy = "bring them back first, or leave them out: workers.exclude"});
  }
  return verdicts;
}

}  // namespace drover::plans
