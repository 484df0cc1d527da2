#include <fmt/format.h>

#include "inventory/base/text.h"
#include "plans/checks/check.h"
#include "plans/graph.h"

/// What the cluster is like as a whole.
namespace drover::plans {
namespace {

/// Of a control plane that is not drained when its turn comes; otherwise "".
std::string staying_pods(const CheckInput& input) {
  for (const Host& host : input.inventory.hosts) {
    if (is_drained(input.facts, host)) continue;
    return fmt::format("; {} is not drained, since no other node could take its pods", host.name);
  }
  return "";
}

}  // namespace

std::vector<Verdict> check_unfinished_run(const CheckInput& input) {
  const std::string& run = input.unfinished_run;
  if (run.empty()) return {};
  return {
      {.severity = Severity::Blocker,
       .subject = run,
       .message = fmt::format("run {} of this cluster is unfinished", run),
       .remedy = fmt::format("`drover resume` goes on with it, `drover cancel {}` ends it", run)}};
}

std::vector<Verdict> check_locked(const CheckInput& input) {
  const auto& lock = input.facts.lock;
  if (!lock || lock->holder.empty() || lock->holder == input.self) return {};
  return {{.severity = Severity::Warning,
           .subject = "cluster",
           .message = fmt::format("the lock kube-system/drover is held by {} (last renewed {})",
                                  sanitise(lock->holder.substr(0, lock->holder.find(" since "))),
                                  sanitise(lock->renew_time)),
           .remedy = "wait for that run to end; `drover apply` refuses until then, or until "
                     "`drover lock release`"}};
}

std::vector<Verdict> check_control_planes(const CheckInput& input) {
  std::vector<Verdict> verdicts;
  std::vector<std::string> names;
  for (const Node& node : input.facts.nodes) {
    if (node.is_control_plane()) names.push_back(node.name);
  }
  if (names.size() > 1) {
    verdicts.push_back({.severity = Severity::Blocker,
                        .subject = "cluster",
                        .message = fmt::format("several control planes are not supported yet: {}",
                                               join(names, ", ")),
                        .remedy = "this version upgrades clusters with one control plane"});
  }
  for (const Host& host : input.inventory.hosts) {
    const Node* node = input.facts.find_node(host.node);
    if (node == nullptr) continue;
    if (host.has(Role::ControlPlane) != node->is_control_plane()) {
      verdicts.push_back(
          {.severity = Severity::Blocker,
           .subject = host.name,
           .message = fmt::format("the inventory calls {} a {}, the cluster does not", host.name,
                                  host.has(Role::ControlPlane) ? "control plane" : "worker"),
           .remedy = fmt::format("correct `roles` of {} in {}", host.name, input.inventory.file)});
    }
  }
  return verdicts;
}

std::vector<Verdict> check_external_etcd(const CheckInput& input) {
  if (!input.facts.kubeadm.external_etcd) return {};
  return {{.severity = Severity::Blocker,
           .subject = "cluster",
           .message = "external etcd is not supported yet",
           .remedy = "this version upgrades clusters whose etcd is a static pod"}};
}

std::vector<Verdict> check_single_etcd(const CheckInput& input) {
  if (!input.target || input.from == *input.target || !target_in_reach(input)) return {};
  return {{.severity = Severity::Info,
           .subject = "cluster",
           .message =
               "one control plane: the Kubernetes API will be away for about two minutes while it "
               "is upgraded and up to one more after its kubelet; pods go on serving" +
               staying_pods(input),
           .remedy = input.file.etcd.snapshot
                         ? fmt::format("a verified etcd snapshot is taken first, into {} on the "
                                       "control plane",
                                       input.file.etcd.directory)
                         : "etcd.snapshot is off: no snapshot is taken"}};
}

}  // namespace drover::plans
