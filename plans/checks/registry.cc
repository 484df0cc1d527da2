#include <algorithm>

#include "plans/checks/check.h"

namespace drover::plans {

const std::vector<Check>& all_checks() {
  static const std::vector<Check> checks = {
      {"locked", "no other run holds the cluster's lock", check_locked},
      {"unfinished-run", "no earlier run from here is unfinished", check_unfinished_run},
      {"control-planes", "the cluster has one control plane, and it is in the inventory",
       check_control_planes},
      {"external-etcd", "etcd runs as a static pod of the control plane", check_external_etcd},
      {"limit", "--limit takes no worker before the control plane", check_limit},
      {"excluded", "says which hosts workers.exclude leaves out", check_excluded},
      {"not-in-inventory", "every node of the cluster is a host of the inventory",
       check_not_in_inventory},
      {"not-in-cluster", "every host of the inventory is a node of the cluster",
       check_not_in_cluster},
      {"wrong-machine", "the machine reached at a host's address is that of its node",
       check_wrong_machine},
      {"downgrade", "the target is not below the present version", check_downgrade},
      {"hops", "the target is at most one minor above the present one", check_hops},
      {"skew", "no kubelet is too old or too new for the target", check_skew},
      {"package-manager", "the kubelet of every node belongs to a package of apt",
       check_package_manager},
      {"repository", "every node has a package repository that serves its minor", check_repository},
      {"not-offered", "the target's repository offers the packages that are installed",
       check_not_offered},
      {"package-versions", "no installed package is newer than the target, no hold is out of line",
       check_package_versions},
      {"package-state", "no interrupted package run waits on a node", check_package_state},
      {"node-ready", "every node is Ready", check_node_ready},
      {"budget-used", "nodes that are down leave room in workers.max_unavailable",
       check_budget_used},
      {"control-plane-pods", "the control plane's pods are Ready", check_control_plane_pods},
      {"cordoned-by-others", "no node is cordoned by somebody else", check_cordoned_by_others},
      {"drain", "every node can be drained", check_drain},
      {"disk-space", "there is room for packages, images and the copy of etcd", check_disk_space},
      {"window", "every node's turn fits into the maintenance window", judge_nothing, check_window},
      {"single-etcd", "says how long the API will be away", check_single_etcd},
  };
  return checks;
}

std::vector<std::string> check_ids() {
  std::vector<std::string> ids;
  for (const Check& check : all_checks()) ids.emplace_back(check.id);
  return ids;
}

namespace {

void add(const Check& check, const CheckInput& input, std::vector<Verdict> found,
         std::vector<Verdict>& verdicts) {
  const auto& ignored = input.file.ignored_checks;
  const bool waived = std::find(ignored.begin(), ignored.end(), check.id) != ignored.end();
  for (Verdict& verdict : found) {
    verdict.check = check.id;
    if (verdict.severity == Severity::Blocker && waived && !verdict.override_.empty()) {
      verdict.severity = Severity::Warning;
      verdict.message += " (ignored by preflight.ignore)";
    }
    verdicts.push_back(std::move(verdict));
  }
}

void worst_first(std::vector<Verdict>& verdicts) {
  std::stable_sort(verdicts.begin(), verdicts.end(),
                   [](const Verdict& a, const Verdict& b) { return a.severity < b.severity; });
}

}  // namespace

std::vector<Verdict> judge_nothing(const CheckInput&) { return {}; }

std::vector<Verdict> judge_all(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Check& check : all_checks()) add(check, input, check.judge(input), verdicts);
  worst_first(verdicts);
  return verdicts;
}

void judge_steps(const CheckInput& input, const std::vector<Step>& steps,
                 std::vector<Verdict>& verdicts) {
  for (const Check& check : all_checks()) {
    if (check.judge_steps != nullptr) add(check, input, check.judge_steps(input, steps), verdicts);
  }
  worst_first(verdicts);
}

}  // namespace drover::plans
