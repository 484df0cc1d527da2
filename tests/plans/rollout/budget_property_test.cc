#include <fmt/format.h>
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "plans/plan_state.h"
#include "tests/support/small_plan.h"

/// S6 over random clusters, against the plainest reckoning: after each start all limits are counted
/// anew.
namespace drover::plans {
namespace {

using Outcome = PlanState::Outcome;

class BudgetPropertyCluster {
 public:
  explicit BudgetPropertyCluster(unsigned seed)
      : random_(seed), plan_(make_plan()), state_(plan_) {}

  void run() {
    for (int turn = 0; turn < 10'000; ++turn) {
      start_all();
      check_nobody_is_kept_waiting();
      if (running_.empty()) {
        // Nothing runs: those that are down come back, or it is over.
        if (down_.empty()) break;
        down_.clear();
        state_.see_down(down_);
        continue;
      }
      if (chance(6)) change_down();
      end_one();
    }
    REQUIRE(running_.empty());
    if (failures_ == 0 && state_.left_over().empty()) REQUIRE(state_.complete());
    if (!state_.halted()) {
      // Whoever is not done failed, was left over, or stands behind slots that failed ones keep.
      for (const std::string& node : state_.open_nodes()) REQUIRE(failed_.contains(node));
    }
  }

 private:
  bool chance(int one_in) { return pick(one_in) == 0; }
  int pick(int below) { return std::uniform_int_distribution(0, below - 1)(random_); }

  Plan make_plan() {
    const int workers = 1 + pick(30);
    Plan plan = test::small_plan(workers);
    Rollout& rollout = plan.rollout;
    rollout.budget = 1 + pick(8);
    rollout.canary = chance(2) ? pick(3) : 0;
    rollout.max_failed = pick(3);
    rollout.per_domain = chance(2) ? 1 + pick(3) : 0;
    for (int width = 1; chance(2);) rollout.ramp.push_back(width += pick(3));
    const int domains = 1 + pick(4);
    for (int i = 1; i <= workers; ++i) {
      const std::string name = "w" + std::to_string(i);
      const int domain = pick(domains + 1);
      rollout.workers.push_back({name, name, domain == 0 ? "" : "d" + std::to_string(domain)});
    }
    if (chance(2)) rollout.workers.push_back({"beyond", "", "d1"});
    for (int group = 0; group < pick(4); ++group) {
      GroupBudget budget{"g" + std::to_string(group), 1 + pick(3), {}};
      for (int i = 1; i <= workers; ++i) {
        if (chance(3)) budget.hosts.push_back("w" + std::to_string(i));
      }
      if (!budget.hosts.empty()) rollout.groups.push_back(budget);
    }
    for (Step& step : plan.steps) step.estimate = std::chrono::seconds(1 + pick(50));
    fails_ = chance(2);
    return plan;
  }

  // Every limit that holds for `host`: its members and how many of them may be down.
  std::vector<std::pair<std::set<std::string>, int>> limits_of(const std::string& host) const {
    std::vector<std::pair<std::set<std::string>, int>> limits;
    std::set<std::string> all;
    std::string domain;
    for (const CountedWorker& worker : plan_.rollout.workers) {
      all.insert(worker.node);
      if (worker.host == host) domain = worker.domain;
    }
    limits.emplace_back(all, plan_.rollout.budget);
    for (const GroupBudget& group : plan_.rollout.groups) {
      const std::set<std::string> members(group.hosts.begin(), group.hosts.end());
      if (members.contains(host)) limits.emplace_back(members, group.most);
    }
    if (plan_.rollout.per_domain == 0 || domain.empty()) return limits;
    std::set<std::string> members;
    for (const CountedWorker& worker : plan_.rollout.workers) {
      if (worker.domain == domain) members.insert(worker.node);
    }
    limits.emplace_back(members, plan_.rollout.per_domain);
    return limits;
  }

  std::set<std::string> workers_down() const {
    std::set<std::string> all = down_;
    all.insert(holders_.begin(), holders_.end());
    return all;
  }

  // By the letter of S6, of canary and ramp, and of on_blocked: defer.
  bool may_be_taken(const std::string& host) const {
    const Rollout& rollout = plan_.rollout;
    const bool others_at_it =
        !std::includes(failed_.begin(), failed_.end(), holders_.begin(), holders_.end());
    if (put_off_.contains(host) && others_at_it) return false;
    if (settled_ < rollout.canary && !holders_.empty()) return false;
    int left = settled_ - rollout.canary;
    int width = rollout.budget;
    for (auto wide = rollout.ramp.rbegin(); wide != rollout.ramp.rend(); ++wide) {
      int before = 0;
      for (auto earlier = std::next(wide); earlier != rollout.ramp.rend(); ++earlier) {
        before += *earlier;
      }
      if (left < before + *wide) width = *wide;
    }
    if (static_cast<int>(holders_.size()) >= width) return false;
    // One that is down already takes nobody down; but it may come back in its turn.
    std::set<std::string> then = down_.contains(host) ? holders_ : workers_down();
    then.insert(host);
    const auto limits = limits_of(host);
    return std::all_of(limits.begin(), limits.end(), [&](const auto& limit) {
      const auto count = std::count_if(then.begin(), then.end(), [&](const std::string& one) {
        return limit.first.contains(one);
      });
      return count <= limit.second;
    });
  }

  void start_all() {
    while (const Step* step = state_.next({})) {
      const bool takes = step->kind == StepKind::Cordon && state_.is_worker(step->node);
      if (takes) {
        INFO("takes " << step->node);
        REQUIRE(may_be_taken(step->node));
        holders_.insert(step->node);
        waiting_.erase(step->node);
      }
      state_.start(step->id);
      running_.push_back(step);
    }
  }

  void check_nobody_is_kept_waiting() {
    if (state_.halted()) return;
    for (const std::string& host : waiting_) {
      INFO(host << " could be taken and is not");
      REQUIRE_FALSE(may_be_taken(host));
    }
  }

  void change_down() {
    for (const CountedWorker& worker : plan_.rollout.workers) {
      if (!chance(8)) continue;
      if (!down_.erase(worker.node)) down_.insert(worker.node);
    }
    state_.see_down(down_);
  }

  void end_one() {
    const auto at = running_.begin() + pick(static_cast<int>(running_.size()));
    const Step* step = *at;
    running_.erase(at);
    const bool worker = !step->node.empty() && state_.is_worker(step->node);
    if (giving_back_.erase(step->node) > 0) {
      state_.end_giving_back(step->node, Outcome::Succeeded);
      holders_.erase(step->node);
      if (!state_.left_over().contains(step->node)) waiting_.insert(step->node);
      return;
    }
    if (worker && step->kind == StepKind::Drain && chance(8) && !state_.halted()) {
      state_.put_off(step->id);
      state_.start_out_of_turn();
      giving_back_.insert(step->node);
      put_off_.insert(step->node);
      running_.push_back(plan_.find("v1.34/" + step->node + "/uncordon"));
      return;
    }
    if (worker && fails_ && chance(60)) {
      ++failures_;
      failed_.insert(step->node);
      return state_.end(step->id, Outcome::Failed);
    }
    state_.end(step->id, Outcome::Succeeded);
    if (step->kind == StepKind::AddonsHealthy) {
      for (const Step& each : plan_.steps) {
        if (state_.is_worker(each.node) && !each.node.empty()) waiting_.insert(each.node);
      }
    }
    if (!worker || step->kind != StepKind::Settled) return;
    holders_.erase(step->node);
    ++settled_;
  }

  std::minstd_rand random_;
  bool fails_ = false;
  int failures_ = 0;
  Plan plan_;
  PlanState state_;
  std::vector<const Step*> running_;
  std::set<std::string> holders_, down_, waiting_, giving_back_, put_off_, failed_;
  int settled_ = 0;
};

}  // namespace

TEST_CASE("S6: random clusters with groups, domains, failures, deferrals and nodes that go down") {
  for (unsigned seed = 1; seed <= 1500; ++seed) {
    INFO("seed " << seed);
    BudgetPropertyCluster(seed).run();
  }
}

}  // namespace drover::plans
