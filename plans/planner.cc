#include "plans/planner.h"

#include <fmt/format.h>

#include <algorithm>

#include "plans/checks/check.h"
#include "plans/drain_forecast.h"
#include "plans/fingerprint.h"
#include "plans/graph.h"
#include "plans/plan_file.h"

namespace drover::plans {
namespace {

const Host* first_control_plane(const Inventory& inventory) {
  const auto host = std::find_if(inventory.hosts.begin(), inventory.hosts.end(),
                                 [](const Host& h) { return h.has(Role::ControlPlane); });
  return host == inventory.hosts.end() ? nullptr : &*host;
}

/// The newest patch of a minor that this machine's repository offers of kubeadm.
std::optional<KubeVersion> newest_offered(const NodeFacts& facts, const Target& target) {
  std::optional<KubeVersion> newest;
  const auto offered = facts.offered.find("kubeadm");
  if (offered == facts.offered.end()) return newest;
  for (const std::string& revision : offered->second) {
    const auto version = version_of_revision(revision);
    if (!version || version->major != target.major || version->minor != target.minor) continue;
    if (!newest || *version > *newest) newest = *version;
  }
  return newest;
}

/// Where a target of a minor leads: to the newest patch that the control plane is offered. When the
/// control plane is beyond the limit and at that minor, to where it is.
std::optional<KubeVersion> resolve(const PlanInput& input, const Host& leader,
                                   const KubeVersion& from) {
  const Target& target = input.file.target;
  if (target.patch) return KubeVersion{target.major, target.minor, *target.patch};
  const bool there = from.major == target.major && from.minor == target.minor;
  if (there && !input.file.takes(leader)) return from;
  const auto facts = input.facts.hosts.find(leader.name);
  return facts == input.facts.hosts.end() ? std::nullopt : newest_offered(facts->second, target);
}

/// These leave no way to say what would be done: the shape or the packages of the hop are unknown.
bool leaves_no_graph(const Verdict& verdict) {
  static const std::vector<std::string> checks = {
      "control-planes",  "external-etcd", "not-in-cluster", "downgrade", "hops",
      "package-manager", "repository",    "not-offered",    "limit"};
  return verdict.severity == Severity::Blocker &&
         std::find(checks.begin(), checks.end(), verdict.check) != checks.end();
}

}  // namespace

bool Plan::blocked() const {
  return std::any_of(verdicts.begin(), verdicts.end(),
                     [](const Verdict& v) { return v.severity == Severity::Blocker; });
}

const Step* Plan::find(std::string_view step_id) const {
  const auto step =
      std::find_if(steps.begin(), steps.end(), [&](const Step& s) { return s.id == step_id; });
  return step == steps.end() ? nullptr : &*step;
}

Plan make_plan(const PlanInput& input) {
  Plan plan;
  plan.created = input.created;
  plan.cluster = input.inventory.cluster;
  plan.target = input.file.target.str();
  plan.inventory = input.inventory_path;
  plan.inventory_sha256 = input.inventory.sha256;
  plan.plan_sha256 = input.file.sha256;
  plan.fingerprint = fingerprint(input.inventory, input.facts);
  plan.preamble = input.preamble;

  const Host* leader = first_control_plane(input.inventory);
  const auto from = parse_kube_version(input.facts.kubeadm.kubernetes_version);
  if (leader == nullptr || !from) {
    plan.verdicts.push_back(
        {.check = "control-planes",
         .severity = Severity::Blocker,
         .subject = "cluster",
         .message = fmt::format("kubeadm-config gives no version: `{}`",
                                input.facts.kubeadm.kubernetes_version),
         .remedy = "kubectl -n kube-system get configmap kubeadm-config -o yaml"});
    plan.id = plan_id(plan);
    return plan;
  }
  plan.from = from->str();
  const std::optional<KubeVersion> target = resolve(input, *leader, *from);
  if (target) plan.target = target->str();

  const DrainForecast forecast(input.facts, input.file.drain);
  const Scope scope{input.inventory,        input.file, input.facts,           *from,
                    target.value_or(*from), *leader,    input.unfinished_runs, &forecast};
  std::vector<ForeseenDrain> drains;
  for (const Host& host : input.inventory.hosts) {
    const bool seen = input.file.takes(host) && input.facts.hosts.contains(host.name);
    if (target && seen && node_is_behind(scope, host) && is_drained(input.facts, host)) {
      drains.push_back(forecast.of(host.node, host.name));
    }
  }
  const bool behind = !target || control_plane_is_behind(scope);
  const CheckInput about{input.inventory,
                         input.file,
                         input.facts,
                         *from,
                         target,
                         drains,
                         behind,
                         input.self,
                         input.unfinished_runs,
                         input.unfinished_run};
  plan.verdicts = judge_all(about);
  const bool buildable =
      target && std::none_of(plan.verdicts.begin(), plan.verdicts.end(), leaves_no_graph);
  if (buildable) plan.steps = build_graph(scope);
  plan.rollout = make_rollout(input.inventory, input.file, input.facts);
  expect(plan.steps, input.past);
  judge_steps(about, plan.steps, plan.verdicts);
  plan.drains = std::move(drains);
  if (!plan.steps.empty()) plan.hops = {target->str()};
  plan.id = plan_id(plan);
  return plan;
}

std::vector<std::string> hosts_not_seen(const Plan& plan, const Inventory& inventory) {
  std::vector<std::string> names;
  for (const Host& host : inventory.hosts) {
    const bool seen = plan.fingerprint.contains(fmt::format("nodes/{}/kubeadm", host.node));
    if (!seen && !host.has(Role::ControlPlane)) names.push_back(host.name);
  }
  return names;
}

std::vector<std::string> fingerprint_differences(const std::map<std::string, std::string>& then,
                                                 const std::map<std::string, std::string>& now) {
  std::vector<std::string> differences;
  std::map<std::string, std::pair<std::string, std::string>> both;
  for (const auto& [path, value] : then) both[path].first = value;
  for (const auto& [path, value] : now) both[path].second = value;
  for (const auto& [path, values] : both) {
    const auto& [was, is] = values;
    const auto shown = [](const std::string& v) {
      return v.empty() ? std::string("(nothing)") : v;
    };
    if (was != is) differences.push_back(fmt::format("{}: {} → {}", path, shown(was), shown(is)));
  }
  return differences;
}

}  // namespace drover::plans
