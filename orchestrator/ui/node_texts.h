#pragma once

#include <string>
#include <vector>

#include "orchestrator/node_report.h"
#include "orchestrator/ui/views.h"
#include "plans/drain_preview.h"
#include "plans/maintenance.h"

/// `drover node ...`: for a person, and as the one line of JSON that programs read.
namespace drover::orchestrator {

/// What a node command would do.
struct NodePreview {
  plans::NodeAction action = plans::NodeAction::Cordon;
  const plans::Plan& plan;
  bool dry_run = true;  ///< nothing more comes; else it is what the operator is asked about
  std::vector<plans::DrainPreview> drains;  ///< of the commands that drain
};

/// What it would do, in its order, as kubectl drain --dry-run would tell it; then the verdicts.
std::string node_preview_text(const NodePreview& preview, const TextStyle& style);
std::string node_preview_json(const NodePreview& preview, int exit_code);

/// What it did. `run`: "" when there was none.
std::string node_result_json(plans::NodeAction action, const plans::Plan& plan,
                             const NodeReport& report, const std::string& run, int exit_code);

}  // namespace drover::orchestrator
