#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/version.h"
#include "inventory/health_policy.h"
#include "inventory/inventory.h"
#include "inventory/rollout_policy.h"

namespace drover {

/// `target: 1.34.4` or `target: "1.34"` (newest patch that the nodes' repositories offer).
struct Target {
  int major = 0;
  int minor = 0;
  std::optional<int> patch;

  std::string str() const;  ///< "1.34.4" or "1.34"
};

/// A host that the plan file names, and where it does.
struct NamedHost {
  std::string name;
  int line = 0;
  int column = 0;
};

/// The drain policy: the meaning of kubectl drain's flags (domain.md §1.3, §1.4).
struct DrainPolicy {
  std::chrono::seconds timeout{15 * 60};
  int grace_period = -1;  ///< seconds; negative: the pod's own
  bool ignore_daemonsets = true;
  bool delete_emptydir_data = true;
  bool force = false;
  bool keep_serving = true;  ///< the last Ready pod of a controller waits for another one elsewhere
  std::vector<NamedHost> disable_eviction = {};  ///< their pods are deleted, past all budgets (S11)
  bool skip = false;                             ///< pods stay where they are

  /// Whether the pods of the inventory host `name` are deleted instead of evicted.
  bool disables_eviction(std::string_view name) const;
};

struct EtcdPolicy {
  bool snapshot = true;
  int keep = 5;
  std::string directory = "/var/backups/drover";  ///< on the control plane, absolute
};

/// When a node is started anew while it is drained.
enum class Reboot { Never, IfRequired, Always };

/// upgrade.yaml after reading and validation.
struct UpgradePlan {
  std::string file;
  std::string sha256;
  std::string inventory;  ///< path as written, relative to the plan file's folder
  Target target;
  RolloutPolicy rollout;
  std::vector<NamedHost> excluded;  ///< `workers.exclude`
  DrainPolicy drain;
  HealthPolicy health;
  EtcdPolicy etcd;
  Reboot reboot = Reboot::Never;  ///< `os.reboot`
  bool prestage = true;
  std::vector<std::string> ignored_checks;     ///< our check ids from `preflight.ignore`
  std::vector<std::string> ignored_preflight;  ///< every other name there: for kubeadm, as it is
  /// Not of the file but of the command line: the hosts to take. Empty: all.
  std::vector<std::string> limit = {};

  /// The file leaves this host out.
  bool excludes(const Host& host) const;
  /// The host gets steps, if it needs any: it is neither left out nor beyond the limit.
  bool takes(const Host& host) const;
};

/// Reads upgrade.yaml. `check_ids` are Drover's own check ids, against which `preflight.ignore` is
/// judged. `home`: what `~` stands for in paths of secrets. Keys of the design that have no
/// behaviour yet are refused as "not supported yet".
Read<UpgradePlan> read_upgrade_plan(std::string_view text, const std::string& file,
                                    const std::vector<std::string>& check_ids,
                                    const std::string& home = "/");

}  // namespace drover
