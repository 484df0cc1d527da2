#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "inventory/facts.h"
#include "tests/support/step_driver.h"

namespace drover::test {

/// cp1 of a cluster with one control plane, second by second, behind the requests of the
/// control-plane gate: an API server that goes away and comes back, static pods that restart,
/// leases that are renewed, authorizers that refuse for a while. Second 0 is 2026-11-22T21:00:00Z.
class ControlPlaneWorld final : public World {
 public:
  static constexpr long long kEpoch = 1795381200;

  ControlPlaneWorld();

  Result<ApiResponse> get(const ApiRequest& request) override;
  Result<ApiResponse> send(const ApiRequest&) override { return no_effects(); }
  CommandResult run(const Command& command) override;
  void pass(std::chrono::milliseconds time) override;

  double now() const { return now_; }
  /// What happens at that second.
  void at(double second, std::function<void()> event) { events_.emplace(second, std::move(event)); }
  /// A component's container starts at this moment, under a new id.
  void restart(const std::string& component);
  void restart_all();
  /// Images and kubeadm-config at the target.
  void upgrade(const std::string& tag);

  bool api = true;                  ///< connections are accepted
  bool ready = true;                ///< /readyz says ok
  bool access = true;               ///< RBAC answers
  bool renewing = true;             ///< scheduler and controller-manager hold their leases
  std::map<std::string, Pod> pods;  ///< by component
  std::string kube_proxy = "v1.33.13";
  std::string config = "v1.33.13";
  std::function<CommandResult(const Command&)> on_run;
  std::vector<std::string> asked;  ///< paths, in order

 private:
  Result<ApiResponse> no_effects() const;
  std::string time() const;

  double now_ = 100;
  int born_ = 0;
  std::string renewed_;
  std::multimap<double, std::function<void()>> events_;
};

}  // namespace drover::test
