#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "inventory/cluster/volume.h"
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
  /// The claim's volume is attached to the drained node until `detach` s after its last pod is
  /// gone.
  void attach(const std::string& claim, double detach);
  double now() const { return now_; }
  void add(Pod pod) { pods_.push_back({std::move(pod), -1, -1}); }
  /// Budgets below their wish because of an eviction: must stay empty (S11).
  const std::vector<std::string>& broken_budgets() const { return broken_; }
  /// Controllers without a budget that want two or more and were left without a Ready pod by an
  /// eviction: "namespace/name" of the pod, in order.
  const std::vector<std::string>& left_unserved() const { return unserved_; }
  /// Budgets that a deletion passed by.
  const std::vector<std::string>& bypassed_budgets() const { return bypassed_; }
  /// Paths that were read, in order.
  const std::vector<std::string>& asked() const { return asked_; }
  /// Evictions sent twice without a look in between: must stay 0 (S4).
  int blind_repeats() const { return blind_repeats_; }

 private:
  struct Living {
    Pod pod;
    double gone_at;   ///< -1: not terminating
    double ready_at;  ///< -1: as it is
  };

  struct Attached {
    VolumeAttachment attachment;
    std::string claim;
    double detach;
    double gone_at;  ///< -1: still in use
  };

  Result<ApiResponse> read(const std::string& path) const;
  Result<ApiResponse> pods_in(const std::string& path) const;
  std::string replicas_in(const std::string& path) const;
  void detach();
  void note_unserved(const Pod& gone);
  void let_go(Living& living);
  Living* find(const std::string& ns, const std::string& name);
  Result<ApiResponse> remove(const std::string& ns, const std::string& name,
                             const std::string& uid);
  Result<ApiResponse> act(const ApiRequest& request, const std::string& ns, const std::string& name,
                          const std::string& uid);
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
  std::vector<Attached> attached_;
  std::vector<std::string> broken_;
  std::vector<std::string> bypassed_;
  std::vector<std::string> unserved_;
  std::vector<std::string> asked_;
  std::set<std::string> evicted_since_look_;
  int blind_repeats_ = 0;
};

}  // namespace drover::test
