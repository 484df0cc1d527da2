#include "orchestrator/preview.h"

#include <filesystem>

#include "orchestrator/state/state_folder.h"
#include "orchestrator/survey.h"
#include "orchestrator/utc.h"
#include "plans/planner.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

plans::Plan plan_of(const Files& files, const ClusterFacts& facts,
                    const std::vector<std::string>& unfinished) {
  remote::SystemClock clock;
  return plans::make_plan(
      {.inventory = files.inventory,
       .file = files.upgrade,
       .facts = facts,
       .created = utc_seconds(clock.wall()),
       .preamble = remote::capsule_frame(),
       .self = "",
       .inventory_path = std::filesystem::absolute(files.inventory.file).lexically_normal(),
       .unfinished_runs = unfinished});
}

}  // namespace

std::variant<Preview, NoPreview> make_preview(const std::string& upgrade_path,
                                              const std::string& inventory_path,
                                              const std::string& state_dir, std::stop_token stop) {
  auto loaded = load_files(upgrade_path, inventory_path);
  if (auto* wrong = std::get_if<Diagnostics>(&loaded)) return NoPreview{.diagnostics = *wrong};
  Preview preview;
  preview.files = std::make_unique<const Files>(std::get<Files>(std::move(loaded)));
  auto unfinished = unfinished_runs(state_dir, preview.files->inventory.cluster);
  if (!unfinished) return NoPreview{.errors = {unfinished.error()}};
  preview.unfinished_runs = std::move(*unfinished);
  preview.fleet = std::make_unique<Fleet>(preview.files->inventory);
  auto facts = survey(*preview.files, *preview.fleet, stop);
  if (auto* errors = std::get_if<std::vector<Error>>(&facts)) return NoPreview{.errors = *errors};
  preview.facts = std::get<ClusterFacts>(std::move(facts));
  preview.plan = plan_of(*preview.files, preview.facts, preview.unfinished_runs);
  return preview;
}

std::variant<plans::Plan, std::vector<Error>> plan_again(const Preview& preview,
                                                         std::stop_token stop) {
  auto facts = survey(*preview.files, *preview.fleet, stop);
  if (auto* errors = std::get_if<std::vector<Error>>(&facts)) return *errors;
  return plan_of(*preview.files, std::get<ClusterFacts>(facts), preview.unfinished_runs);
}

}  // namespace drover::orchestrator
