#include "orchestrator/preview.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "inventory/base/text.h"
#include "inventory/selection.h"
#include "orchestrator/lock/holder.h"
#include "orchestrator/state/file_io.h"
#include "orchestrator/state/past_runs.h"
#include "orchestrator/survey.h"
#include "orchestrator/utc.h"
#include "plans/fingerprint.h"
#include "plans/plan_file.h"
#include "plans/planner.h"
#include "remote/ssh/capsule.h"

namespace drover::orchestrator {
namespace {

/// The holder of a lock that nobody has any more: its process is known to be gone.
std::string dead_holder(const std::optional<Lease>& lock) {
  const auto holder = lock ? parse_holder(lock->holder) : std::nullopt;
  return holder && is_dead_here(*holder) ? lock->holder : "";
}

plans::Plan plan_of(const Files& files, const ClusterFacts& facts, const std::vector<LeftRun>& left,
                    plans::PastDurations past) {
  remote::SystemClock clock;
  plans::PlanInput input{
      .inventory = files.inventory,
      .file = files.upgrade,
      .facts = facts,
      .created = utc_seconds(clock.wall()),
      .preamble = remote::capsule_frame(),
      .self = dead_holder(facts.lock),
      .past = std::move(past),
      .inventory_path = std::filesystem::absolute(files.inventory.file).lexically_normal()};
  for (const LeftRun& run : left) {
    input.unfinished_runs.push_back(run.id);
    if (run.can_go_on && input.unfinished_run.empty()) input.unfinished_run = run.id;
  }
  return plans::make_plan(input);
}

/// Opens the connections of `files` and looks; the plan is left to the caller.
std::variant<Preview, NoPreview> look(Files files, const std::string& state_dir,
                                      std::stop_token stop) {
  Preview preview;
  preview.files = std::make_unique<const Files>(std::move(files));
  auto left = left_runs(state_dir, preview.files->inventory.cluster);
  if (!left) return NoPreview{.errors = {left.error()}};
  preview.left_runs = std::move(*left);
  preview.fleet = std::make_unique<Fleet>(preview.files->inventory, stop);
  auto facts = survey(*preview.files, *preview.fleet, stop);
  if (auto* errors = std::get_if<std::vector<Error>>(&facts)) return NoPreview{.errors = *errors};
  preview.facts = std::get<ClusterFacts>(std::move(facts));
  return preview;
}

Error stale_error(const std::string& what, const std::vector<std::string>& differences) {
  return {.kind = ErrorKind::Stale,
          .message = fmt::format("{}: {}", what, join(differences, "; ")),
          .remedy = "look at a new plan and apply that"};
}

std::optional<Error> compare(const Preview& preview, const ClusterFacts& facts) {
  const auto differences = plans::fingerprint_differences(
      preview.plan.fingerprint, plans::fingerprint(preview.files->inventory, facts));
  if (differences.empty()) return std::nullopt;
  return stale_error("the cluster is no longer what the plan was made from", differences);
}

Error in_file(const std::string& path, Error error) {
  error.message = fmt::format("{}: {}", path, error.message);
  return error;
}

Result<plans::Plan> read_plan_file(const std::string& path) {
  bool missing = false;
  DROVER_TRY_ASSIGN(const std::string text, read_file(path, missing));
  if (missing) {
    return Error{.kind = ErrorKind::File,
                 .message = path + ": there is no such file",
                 .remedy = "make it: drover plan UPGRADE -o PLAN.json"};
  }
  auto plan = plans::read_plan(text);
  if (!plan) return in_file(path, plan.error());
  return plan;
}

/// What the plan was made for, as far as looking at the cluster again needs it.
void aim(Files& files, const plans::Plan& plan) {
  const auto target = parse_kube_version(plan.target);
  if (target) files.upgrade.target = {target->major, target->minor, target->patch};
  for (const std::string& host : plans::hosts_not_seen(plan, files.inventory)) {
    files.upgrade.excluded.push_back({.name = host});
  }
}

}  // namespace

std::variant<Preview, NoPreview> make_preview(const std::string& upgrade_path,
                                              const std::string& inventory_path,
                                              const std::vector<std::string>& limit,
                                              const std::string& state_dir, std::stop_token stop) {
  auto loaded = load_files(upgrade_path, inventory_path);
  if (auto* wrong = std::get_if<Diagnostics>(&loaded)) return NoPreview{.diagnostics = *wrong};
  auto& files = std::get<Files>(loaded);
  files.upgrade.limit = limit;
  const Status known = check_limit(files.upgrade, files.inventory);
  if (!known) return NoPreview{.errors = {known.error()}};
  auto looked = look(std::move(files), state_dir, stop);
  if (auto* preview = std::get_if<Preview>(&looked)) {
    auto past = past_durations(state_dir, preview->files->inventory.cluster);
    if (!past) return NoPreview{.errors = {past.error()}};
    preview->plan = plan_of(*preview->files, preview->facts, preview->left_runs, std::move(*past));
  }
  return looked;
}

std::variant<Preview, NoPreview> open_saved_plan(const std::string& plan_path,
                                                 const std::string& inventory_path,
                                                 const std::string& state_dir,
                                                 std::stop_token stop) {
  auto plan = read_plan_file(plan_path);
  if (!plan) return NoPreview{.errors = {plan.error()}};
  auto loaded = load_inventory_file(inventory_path.empty() ? plan->inventory : inventory_path);
  if (auto* wrong = std::get_if<Diagnostics>(&loaded)) return NoPreview{.diagnostics = *wrong};
  auto& files = std::get<Files>(loaded);
  if (files.inventory.sha256 != plan->inventory_sha256) {
    return NoPreview{.errors = {stale_error(plan_path + " was made with another inventory",
                                            {fmt::format("{}: {} → {}", files.inventory.file,
                                                         plan->inventory_sha256.substr(0, 12),
                                                         files.inventory.sha256.substr(0, 12))})}};
  }
  aim(files, *plan);
  auto looked = look(std::move(files), state_dir, stop);
  if (auto* preview = std::get_if<Preview>(&looked)) preview->plan = std::move(*plan);
  return looked;
}

std::optional<Error> stale(const Preview& preview) { return compare(preview, preview.facts); }

std::vector<Error> compare_again(const Preview& preview, std::stop_token stop) {
  auto facts = survey(*preview.files, *preview.fleet, stop);
  if (auto* errors = std::get_if<std::vector<Error>>(&facts)) return *errors;
  const auto changed = compare(preview, std::get<ClusterFacts>(facts));
  return changed ? std::vector<Error>{*changed} : std::vector<Error>{};
}

}  // namespace drover::orchestrator
