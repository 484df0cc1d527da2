#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "inventory/secret_source.h"
#include "inventory/user_command.h"

namespace drover {

/// Alerts that hold a roll-out up, and where they are asked for.
struct PrometheusPolicy {
  std::string url;                    ///< http(s)://HOST[:PORT][/PATH], without a slash at its end
  std::vector<std::string> block_on;  ///< names of alerts
  SecretSource token = {};            ///< sent as bearer; none: not sent
};

/// `health`: when a node, and the cluster after it, count as healthy.
struct HealthPolicy {
  std::chrono::seconds settle{10};
  std::chrono::seconds interval{2};
  int consecutive = 2;
  std::chrono::seconds timeout{5 * 60};
  bool workloads = true;  ///< those that had pods on the node must be as available as before
  bool webhooks = true;   ///< webhooks and aggregated APIs must answer as before
  std::optional<PrometheusPolicy> prometheus = {};
  std::vector<UserCommand> commands = {};
};

}  // namespace drover
