#include "plans/maintenance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "plans/drain_forecast.h"
#include "plans/maintenance_checks.h"
#include "plans/plan_file.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr std::array<std::pair<std::string_view, std::string_view>, 5> kOptions = {
    {{"drain.ignore_daemonsets", "--ignore-daemonsets"},
     {"drain.delete_emptydir_data", "--delete-emptydir-data"},
     {"drain.disable_eviction", "--disable-eviction"},
     {"drain.force", "--force"},
     {"drain.timeout", "--timeout"}}};

/// Adds the steps of one command, node by node.
class Builder {
 public:
  Builder(const MaintenanceInput& input, Plan& plan) : input_(input), plan_(plan) {}

  void add_cordons() {
    for (const ChosenNode& node : input_.nodes) add(cordon(node), {});
  }

  /// All nodes are cordoned first, so that no pod moves to one that is emptied next.
  void add_drains() {
    add_cordons();
    const std::vector<std::string> cordons = ids();
    for (const ChosenNode& node : input_.nodes) add(drain(node), cordons);
  }

  void add_uncordons() {
    for (const ChosenNode& node : input_.nodes) {
      const UncordonChoice choice = uncordon_choice(input_, node);
      if (choice.leave) continue;
      const Scope scope = scope_of(*node.host);
      Step step = make_uncordon(scope, *node.host);
      step.why = "so that pods are started there again";
      if (!choice.cordon_of.empty()) step.params["cordon_of"] = choice.cordon_of;
      add(std::move(step), {});
    }
  }

  void add_reboots() {
    std::vector<std::string> before;
    for (const ChosenNode& node : input_.nodes) {
      if (node.host->has(Role::ControlPlane)) before = {add_chain(node, before)};
    }
    for (const ChosenNode& node : input_.nodes) {
      if (!node.host->has(Role::ControlPlane)) add_chain(node, before);
    }
  }

 private:
  Scope scope_of(const Host& host) const {
    Scope scope{input_.inventory, input_.file, input_.facts, {}, {}, host, adopted()};
    scope.node_command = fmt::format("node {}", action_name(input_.action));
    return scope;
  }

  /// Node commands that did not end well: whoever comes after them takes their cordons over. Those
  /// of an upgrade stay its own.
  std::vector<std::string> adopted() const {
    std::vector<std::string> runs;
    for (const EarlierRun& run : input_.runs) {
      if (run.unfinished && !run.upgrade) runs.push_back(run.id);
    }
    return runs;
  }

  const std::string& add(Step step, std::vector<std::string> needs) {
    step.needs = std::move(needs);
    plan_.steps.push_back(std::move(step));
    return plan_.steps.back().id;
  }

  std::vector<std::string> ids() const {
    std::vector<std::string> found;
    for (const Step& step : plan_.steps) found.push_back(step.id);
    return found;
  }

  Step cordon(const ChosenNode& node) const {
    Step step = make_cordon(scope_of(*node.host), *node.host);
    step.why = input_.action == NodeAction::Cordon
                   ? "so that no new pod is started there, until it is uncordoned"
                   : "so that no new pod is started there while it is emptied, and after";
    if (input_.action == NodeAction::Reboot) {
      step.why = "so that no new pod is started there while it is emptied and rebooted";
    }
    return step;
  }

  Step drain(const ChosenNode& node) const {
    Step step = make_drain(scope_of(*node.host), *node.host);
    step.why = "so that the pods there move elsewhere in good order, as their budgets allow";
    return step;
  }

  Step reboot(const Scope& scope, const Host& host) const {
    Step step = make_reboot(scope, host);
    step.why = "asked for; it is done when the machine has another boot id and is up";
    return step;
  }

  /// A reboot brings up the kubelet that is installed, which need not be the one that runs.
  Step node_healthy(const Scope& scope, const Host& host) const {
    Step step = make_node_healthy(scope, host);
    step.params["target"] = kubelet_after_boot(input_.facts, host);
    step.title = fmt::format("wait until {} is well after its reboot", host.name);
    step.why = "the node gets pods again only when its kubelet has shown that it lives";
    return step;
  }

  Step static_pods_healthy(const Scope& scope, const Host& host) const {
    Step step = make_static_pods_healthy(scope, host);
    step.params["target"] = "";  // whatever they were before
    step.why = "etcd and the API server come up some time after the node counts as Ready";
    return step;
  }

  std::string add_chain(const ChosenNode& node, std::vector<std::string> needs) {
    const Host& host = *node.host;
    const Scope scope = scope_of(host);
    std::vector<Step> links = {cordon(node)};
    if (is_emptied(input_, host)) links.push_back(drain(node));
    links.push_back(reboot(scope, host));
    links.push_back(node_healthy(scope, host));
    if (host.has(Role::ControlPlane)) links.push_back(static_pods_healthy(scope, host));
    links.push_back(make_uncordon(scope, host));
    links.back().why = "the node is well after its reboot, so it may take pods again";
    links.push_back(make_settled(scope, host));
    links.back().why =
        "a node that falls over right after its reboot must not take the next one with it, and "
        "the pods that moved must be well before more of them move";
    for (Step& link : links) needs = {add(std::move(link), needs)};
    return needs.front();
  }

  const MaintenanceInput& input_;
  Plan& plan_;
};

void add_steps(const MaintenanceInput& input, Plan& plan) {
  Builder builder(input, plan);
  switch (input.action) {
    case NodeAction::Cordon:
      return builder.add_cordons();
    case NodeAction::Drain:
      return builder.add_drains();
    case NodeAction::Uncordon:
      return builder.add_uncordons();
    case NodeAction::Reboot:
      return builder.add_reboots();
  }
}

/// Only a reboot has an end of its disruption to wait for: the others take all nodes at once. Nodes
/// come in the order in which they were named.
Rollout rollout_of(const MaintenanceInput& input) {
  Rollout rollout;
  if (input.action == NodeAction::Reboot) {
    rollout = make_rollout(input.inventory, input.file, input.facts);
  } else {
    rollout.budget = std::max(1, static_cast<int>(input.nodes.size()));
    rollout.on_blocked = OnBlocked::Fail;
  }
  if (input.action == NodeAction::Drain) rollout.drains_at_once = budget_of(input);
  rollout.order = WorkerOrder::Inventory;
  return rollout;
}

}  // namespace

std::string_view action_name(NodeAction action) {
  switch (action) {
    case NodeAction::Cordon:
      return "cordon";
    case NodeAction::Drain:
      return "drain";
    case NodeAction::Uncordon:
      return "uncordon";
    case NodeAction::Reboot:
      return "reboot";
  }
  return "";
}

std::string in_options(std::string text) {
  for (const auto& [key, option] : kOptions) {
    for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at)) {
      text.replace(at, key.size(), option);
      at += option.size();
    }
  }
  return text;
}

Plan make_maintenance_plan(const MaintenanceInput& input) {
  Plan plan;
  plan.created = input.created;
  plan.cluster = input.inventory.cluster;
  std::vector<std::string> names;
  for (const ChosenNode& node : input.nodes) names.push_back(node.host->name);
  plan.work = fmt::format("node {} {}", action_name(input.action), some_of(names, 5));
  plan.inventory = input.inventory_path;
  plan.inventory_sha256 = input.inventory.sha256;
  plan.fingerprint = {{"cluster/uid", input.facts.uid}};
  plan.preamble = input.preamble;
  const DrainForecast forecast(input.facts, input.file.drain);
  for (const ChosenNode& node : input.nodes) {
    if (!is_emptied(input, *node.host)) continue;
    plan.drains.push_back(forecast.of(node.host->node, node.host->name));
  }
  plan.verdicts = judge_maintenance(input, plan.drains);
  plan.rollout = rollout_of(input);
  if (!plan.blocked()) add_steps(input, plan);
  plan.id = plan_id(plan);
  return plan;
}

}  // namespace drover::plans
