#pragma once

#include <string>
#include <vector>

#include "inventory/settings.h"
#include "orchestrator/files.h"

namespace drover::orchestrator {

/// What was edited in a run's files since it began (design 1.4).
struct EditedFiles {
  std::vector<Edit> accepted;  ///< to be shown and asked for
  std::vector<Edit> refused;   ///< they make another upgrade of it

  bool any() const { return !accepted.empty() || !refused.empty(); }
};

/// `then_*`: the texts that the run began with. Without `then_upgrade` the plan file plays no part:
/// the run was made from a PLAN.json.
EditedFiles compare_files(const std::string& then_inventory, const std::string& then_upgrade,
                          const Files& now);

}  // namespace drover::orchestrator
