#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <variant>
#include <vector>

#include "orchestrator/files.h"
#include "orchestrator/fleet.h"
#include "orchestrator/state/state_folder.h"
#include "plans/plan.h"

namespace drover::orchestrator {

/// What was asked for, what is there, and what would be done. Its connections are open.
struct Preview {
  std::unique_ptr<const Files> files;  ///< stays where it is: the fleet refers to it
  std::unique_ptr<Fleet> fleet;
  std::vector<LeftRun> left_runs;  ///< of this cluster in the state folder
  ClusterFacts facts;
  plans::Plan plan;
};

/// Why there is no preview.
struct NoPreview {
  Diagnostics diagnostics = {};    ///< of the files
  std::vector<Error> errors = {};  ///< of what could not be seen
};

/// From files to a plan; nothing is changed anywhere (S2). `limit`: hosts of the inventory to take;
/// empty: all.
std::variant<Preview, NoPreview> make_preview(const std::string& upgrade_path,
                                              const std::string& inventory_path,
                                              const std::vector<std::string>& limit,
                                              const std::string& state_dir, std::stop_token stop);

/// A plan that was saved, and what is there now, which stale() compares. `inventory_path`: instead
/// of the file that the plan was made with, when not empty.
std::variant<Preview, NoPreview> open_saved_plan(const std::string& plan_path,
                                                 const std::string& inventory_path,
                                                 const std::string& state_dir,
                                                 std::stop_token stop);

/// A Stale error that names every difference between what the plan was made from and what was seen.
std::optional<Error> stale(const Preview& preview);

/// Looks again, over the same files and connections. Stale: it is no longer what the plan was made
/// from. Empty: it is.
std::vector<Error> compare_again(const Preview& preview, std::stop_token stop);

}  // namespace drover::orchestrator
