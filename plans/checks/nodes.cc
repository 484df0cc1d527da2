#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/machine_owner.h"
#include "plans/steps/cordon_mark.h"

/// Whether the nodes are the ones of the inventory, and well.
namespace drover::plans {
namespace {

/// Only a kubelet ends a pod: without it, what a drain evicts stays Terminating.
void add_stuck_drain(const CheckInput& input, const Node& node, Verdict& verdict) {
  const Host* host = input.inventory.find_node(node.name);
  const bool drained = std::any_of(
      input.drains.begin(), input.drains.end(),
      [&](const auto& drain) { return drain.node == node.name && !drain.evicts.empty(); });
  if (host == nullptr || !drained || input.file.drain.skip) return;
  verdict.message +=
      "; while its kubelet is down its drain cannot end, since its pods stay Terminating";
  verdict.remedy +=
      fmt::format("; start its kubelet, or leave it out: workers.exclude: [{}]", host->name);
}

/// Where it is logged in to. Machines behind forwarded ports differ in the port alone.
std::string where_reached(const Host& host) {
  constexpr int kUsualPort = 22;
  if (host.ssh.port == kUsualPort) return host.address;
  return fmt::format("{} port {}", host.address, host.ssh.port);
}

}  // namespace

std::vector<Verdict> check_not_in_inventory(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Node& node : input.facts.nodes) {
    if (input.inventory.find_node(node.name) != nullptr) continue;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = node.name,
         .message = fmt::format("node {} ({}) is not in the inventory {}", node.name,
                                node.kubelet_version, input.inventory.file),
         .remedy = "add it to `hosts`, or let it stay behind: preflight.ignore: [not-in-inventory]",
         .override_ = "preflight.ignore"});
  }
  return verdicts;
}

std::vector<Verdict> check_not_in_cluster(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Host& host : input.inventory.hosts) {
    if (!input.file.takes(host) || input.facts.find_node(host.node) != nullptr) continue;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = host.name,
         .message = fmt::format("host {} ({}): the cluster has no node {}", host.name, host.address,
                                host.node),
         .remedy = fmt::format("set `node` of {} to its Kubernetes node name, or remove the host",
                               host.name)});
  }
  return verdicts;
}

std::optional<Verdict> judge_machine(const CheckInput& input, const Host& host) {
  const auto owner = other_owner(input.facts, host);
  if (!owner) return std::nullopt;
  const std::string whose = owner->empty()
                                ? fmt::format("is not node {}'s: their boot ids differ", host.node)
                                : fmt::format("is node {}'s", *owner);
  return Verdict{
      .severity = Severity::Blocker,
      .subject = host.name,
      .message =
          fmt::format("{}: the machine reached at {} {}", host.name, where_reached(host), whose),
      .remedy = fmt::format("correct `address`, `port` or `node` of {} in {}; or, if a machine was "
                            "restarted within the last minute, its kubelet has not reported that "
                            "yet: try again",
                            host.name, input.inventory.file)};
}

std::vector<Verdict> check_wrong_machine(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Host& host : input.inventory.hosts) {
    if (!input.file.takes(host)) continue;
    if (auto verdict = judge_machine(input, host)) verdicts.push_back(std::move(*verdict));
  }
  return verdicts;
}

std::vector<Verdict> check_node_ready(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Node& node : input.facts.nodes) {
    if (node.ready) continue;
    const bool control_plane = node.is_control_plane();
    verdicts.push_back(
        {.severity = control_plane ? Severity::Blocker : Severity::Warning,
         .subject = node.name,
         .message = fmt::format("node {} is not Ready: {}", node.name, sanitise(node.ready_reason)),
         .remedy = fmt::format("look at it: kubectl describe node {}", node.name)});
    if (!control_plane) add_stuck_drain(input, node, verdicts.back());
  }
  return verdicts;
}

std::vector<Verdict> check_control_plane_pods(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  for (const Pod& pod : input.facts.pods) {
    if (pod.ns != "kube-system" || !pod.mirror || pod.ready) continue;
    const Node* node = input.facts.find_node(pod.node);
    // Of a node that is not Ready, check_node_ready tells; its pods are not Ready for that.
    if (node == nullptr || !node->is_control_plane() || !node->ready) continue;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = pod.name,
         .message =
             fmt::format("static pod {} is not Ready ({})", pod.full_name(), sanitise(pod.phase)),
         .remedy = fmt::format("look at it: kubectl -n kube-system describe pod {}", pod.name)});
  }
  return verdicts;
}

std::vector<Verdict> check_cordoned_by_others(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  const auto& earlier = input.unfinished_runs;
  for (const Node& node : input.facts.nodes) {
    if (!node.unschedulable) continue;
    const Host* host = input.inventory.find_node(node.name);
    const bool taken = host != nullptr && input.file.takes(*host);
    const std::string run = cordoned_by_run(node);
    const bool ours = std::find(earlier.begin(), earlier.end(), run) != earlier.end();
    if (!taken && ours) {
      verdicts.push_back(
          {.severity = Severity::Warning,
           .subject = node.name,
           .message = fmt::format("node {} was left cordoned by run {}, which did not finish, and "
                                  "has no steps in this plan",
                                  node.name, sanitise(run)),
           .remedy = fmt::format("to have it back: kubectl uncordon {}", node.name)});
    }
    if (!taken) continue;
    if (ours) {
      verdicts.push_back(
          {.severity = Severity::Info,
           .subject = node.name,
           .message = fmt::format("node {} was left cordoned by run {}, which did not "
                                  "finish: this run takes over and gives it back",
                                  node.name, sanitise(run))});
      continue;
    }
    verdicts.push_back(
        {.severity = Severity::Warning,
         .subject = node.name,
         .message = fmt::format("node {} is cordoned already: it is upgraded in its turn and left "
                                "cordoned",
                                node.name),
         .remedy = fmt::format("to have it back before: kubectl uncordon {}", node.name)});
  }
  return verdicts;
}

}  // namespace drover::plans
