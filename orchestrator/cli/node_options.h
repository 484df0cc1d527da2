#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "inventory/cluster/pod_disruption_budget.h"
#include "inventory/upgrade_plan.h"
#include "orchestrator/cli/options.h"

namespace drover::orchestrator {

/// What the options of `drover node` say, for all its actions.
struct NodeOptions {
  std::vector<std::string> names;         ///< NODE...
  std::optional<LabelSelector> selector;  ///< -l
  DrainPolicy drain;                      ///< kubectl's defaults: nothing is lost unasked
  Share max_unavailable{1, false};
  std::chrono::seconds settle{10};  ///< that a rebooted node stays well before the next one
  std::chrono::seconds exec_timeout{10 * 60};
};

/// A Usage error for a value that makes no sense, and without any node.
Result<NodeOptions> read_node_options(const Invocation& invocation);

/// The command of `node exec` as one script: a single word is a command line of the shell, several
/// are a program and its arguments, each as it stands.
std::string script_of(const std::vector<std::string>& command_line);

}  // namespace drover::orchestrator
