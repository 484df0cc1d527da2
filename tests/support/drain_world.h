#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "tests/support/step_driver.h"

namespace drover::test {

/// A cluster whose pods terminate, come back elsewhere and are held by budgets, behind the requests
/// that a drain makes. It answers an eviction as the API server does (domain.md §1.5).
class DrainWorld final : public World {
 public:
  /// `terminate` s until an evicted pod is gone; a pod with a controller is replaced on another
  /// node then, and the replacement is Ready after `start` s more, like every pod that is Running
  /// and not Ready at first.
  DrainWorld(ClusterFacts facts, std::string node, double terminate, double start);

  Result<ApiResponse> get(const ApiRequest& request) override;
  Result<ApiResponse> send(const ApiRequest& request) override;
  CommandResult run(const Command&) override { return {}; }
  void pass(std::chrono::milliseconds time) override;

  /// Decides before the server does whether request number n (from 0) is answered differently, and
  /// whether the server acts on it all the same.
  struct Fault {
    Result<ApiResponse> answer = Error{};
    bool acts = false;
  };
  std::function<std::optional<Fault>(size_t n, const ApiRequest&)> fault;

  std::vector<Pod> pods_on(const std::string& node) const;
  double now() const { return now_; }
  void add(Pod pod) { pods_.push_back({std::move(pod), -1, -1}); }
  /// Budgets below their wish because of an eviction: must stay empty (S11).
  const std::vector<std::string>& broken_budgets() const { return broken_; }
  /// Evictions sent twice without a look in between: must stay 0 (S4).
  int blind_repeats() const { return blind_repeats_; }

 private:
  struct Living {
    Pod pod;
    double gone_at;   ///< -1: not terminating
    double ready_at;  ///< -1: as it is
  };

  Result<ApiResponse> evict(const std::string& ns, const std::string& name, const std::string& uid);
  Result<ApiResponse> evict_within(const std::vector<PodDisruptionBudget*>& budgets,
                                   Living& living);
  void count_healthy();

  ClusterFacts facts_;
  std::string node_;
  double terminate_;
  double start_;
  double now_ = 0;
  size_t requests_ = 0;
  int born_ = 0;
  std::vector<Living> pods_;
  std::vector<std::string> broken_;
  std::set<std::string> evicted_since_look_;
  int blind_repeats_ = 0;
};

}  // namespace drover::test
