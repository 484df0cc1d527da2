#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "orchestrator/files.h"
#include "orchestrator/fleet.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// What was asked for, what is there, and what would be done. Its connections are open.
struct Preview {
  std::unique_ptr<const Files> files;  ///< stays where it is: the fleet refers to it
  std::unique_ptr<Fleet> fleet;
  std::vector<std::string> unfinished_runs;  ///< of this cluster in the state folder
  ClusterFacts facts;
  plans::Plan plan;
};

/// Why there is no preview.
struct NoPreview {
  Diagnostics diagnostics;    ///< of the files
  std::vector<Error> errors;  ///< of what could not be seen
};

/// From files to a plan; nothing is changed anywhere (S2).
std::variant<Preview, NoPreview> make_preview(const std::string& upgrade_path,
                                              const std::string& inventory_path,
                                              const std::string& state_dir, std::stop_token stop);

/// The plan as it would be made now, over the same files and connections.
std::variant<plans::Plan, std::vector<Error>> plan_again(const Preview& preview,
                                                         std::stop_token stop);

}  // namespace drover::orchestrator
