#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/facts.h"
#include "inventory/inventory.h"
#include "inventory/upgrade_plan.h"
#include "plans/plan.h"

/// Checks before the first change (S17): each is a pure function of what was asked for and what was
/// seen, and all of them run, so that all blockers are reported together.
namespace drover::plans {

struct CheckInput {
  const Inventory& inventory;
  const UpgradePlan& file;
  const ClusterFacts& facts;
  KubeVersion from;  ///< of the control plane
  std::optional<KubeVersion>
      target;  ///< absent: `target` names a minor of which nothing is offered
  const std::vector<ForeseenDrain>& drains;
  bool control_plane_behind;  ///< the control plane is still to be upgraded
  std::string self;           ///< holder identity of a lock that is not foreign; may be empty
  std::vector<std::string> unfinished_runs = {};  ///< earlier runs whose cordons are ours (S10)
  std::string unfinished_run = {};                ///< the newest of them that can go on; "": none
};

struct Check {
  std::string_view id;
  std::string_view about;  ///< one line, for `check --list`
  std::vector<Verdict> (*judge)(const CheckInput&);
  /// For what only the steps can tell; nullptr: nothing.
  std::vector<Verdict> (*judge_steps)(const CheckInput&, const std::vector<Step>&) = nullptr;
};

/// The target can be gone to at all: not below the present version, not several minors above it.
/// Checks whose verdicts would only echo `downgrade` and `hops` are silent without it (S17).
bool target_in_reach(const CheckInput& input);

/// All checks, causes before echoes.
const std::vector<Check>& all_checks();
std::vector<std::string> check_ids();

/// Every check's verdicts; what `preflight.ignore` names and may be overridden becomes a warning.
std::vector<Verdict> judge_all(const CheckInput& input);
/// Adds the verdicts about the steps that were made after all.
void judge_steps(const CheckInput& input, const std::vector<Step>& steps,
                 std::vector<Verdict>& verdicts);

std::vector<Verdict> judge_nothing(const CheckInput& input);
std::vector<Verdict> check_window(const CheckInput& input, const std::vector<Step>& steps);

std::vector<Verdict> check_excluded(const CheckInput& input);
std::vector<Verdict> check_limit(const CheckInput& input);
std::vector<Verdict> check_control_planes(const CheckInput& input);
std::vector<Verdict> check_external_etcd(const CheckInput& input);
std::vector<Verdict> check_single_etcd(const CheckInput& input);
std::vector<Verdict> check_unfinished_run(const CheckInput& input);
std::vector<Verdict> check_locked(const CheckInput& input);
std::vector<Verdict> check_downgrade(const CheckInput& input);
std::vector<Verdict> check_hops(const CheckInput& input);
std::vector<Verdict> check_skew(const CheckInput& input);
std::vector<Verdict> check_package_manager(const CheckInput& input);
std::vector<Verdict> check_repository(const CheckInput& input);
std::vector<Verdict> check_not_offered(const CheckInput& input);
std::vector<Verdict> check_package_versions(const CheckInput& input);
std::vector<Verdict> check_package_state(const CheckInput& input);
std::vector<Verdict> check_not_in_inventory(const CheckInput& input);
std::vector<Verdict> check_not_in_cluster(const CheckInput& input);
std::vector<Verdict> check_wrong_machine(const CheckInput& input);
/// The same of one host, whether or not the plan takes it.
std::optional<Verdict> judge_machine(const CheckInput& input, const Host& host);
std::vector<Verdict> check_node_ready(const CheckInput& input);
std::vector<Verdict> check_budget_used(const CheckInput& input);
std::vector<Verdict> check_control_plane_pods(const CheckInput& input);
std::vector<Verdict> check_cordoned_by_others(const CheckInput& input);
std::vector<Verdict> check_drain(const CheckInput& input);
std::vector<Verdict> check_disk_space(const CheckInput& input);

}  // namespace drover::plans
