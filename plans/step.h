#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/command.h"

namespace drover::plans {

/// All step kinds of design 1.3 that are built. The name of each is in steps/kind.cc.
enum class StepKind {
  Preflight,
  StagePackages,
  StageImages,
  EtcdSnapshot,
  Repository,
  KubeadmPackage,
  KubeadmVersion,
  UpgradePlan,
  UpgradeApply,
  UpgradeNode,
  ControlPlaneHealthy,
  Cordon,
  Drain,
  KubeletPackage,
  Reboot,
  KubeletRestart,
  NodeHealthy,
  StaticPodsHealthy,
  Uncordon,
  Settled,
  AddonsHealthy,
  Verify,
  EtcdDefrag,
  SnapshotPresent,
  StaticPodsStop,
  EtcdRestoreData,
  EtcdStart,
  EtcdQuorum,
  ApiServerStart,
  ControllersStart,
  RestoreVerified,
  CertsRenew,
  StaticPodsRestart,
};

/// One vertex of the graph: everything that it may send is in it (S3).
struct Step {
  std::string id;  ///< v1.34/w1/drain, of a node command node/w1/drain; stable across re-planning
  StepKind kind = StepKind::Preflight;
  std::string node;  ///< inventory host name shown; empty for cluster steps
  std::string host;  ///< inventory host whose shell it uses; empty: none
  std::string title;
  std::string why;                   ///< the reason shown in the plan
  std::vector<std::string> needs;    ///< ids of steps that must have succeeded (S1)
  std::vector<Command> commands;     ///< mutating node commands, byte for byte what is sent
  std::vector<ApiRequest> requests;  ///< templates of mutating API requests
  std::chrono::seconds timeout{60};
  std::chrono::seconds estimate{1};
  Params
      params;  ///< what the kind's decision reads: names, versions, thresholds; shown in PLAN.json

  bool mutates() const { return !commands.empty() || !requests.empty(); }
  /// params.at(name), or "" when absent.
  const std::string& param(std::string_view name) const;
};

}  // namespace drover::plans
