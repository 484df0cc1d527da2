#include <fmt/format.h>

#include "plans/checks/check.h"

/// Which version steps Kubernetes and kubeadm allow (domain.md §2.5, §3).
namespace drover::plans {
namespace {

/// How many minors a kubelet may lag behind the control plane it talks to (S8). Kubernetes allows 3
/// from 1.28 on and 2 before; kubeadm, which refuses the upgrade otherwise, 3 from 1.29 on and 1
/// before.
int kubelet_lag_allowed(int control_plane_minor) { return control_plane_minor >= 29 ? 3 : 1; }

/// Is a kubelet newer than it may be beside the target? Kubernetes asks for the minor only; one
/// that this plan is to bring to the target must not be at a later patch either.
bool is_too_new(const KubeVersion& kubelet, const KubeVersion& target, bool taken) {
  if (taken) return kubelet > target;
  return std::pair(kubelet.major, kubelet.minor) > std::pair(target.major, target.minor);
}

bool is_taken(const CheckInput& input, const Node& node) {
  const Host* host = input.inventory.find_node(node.name);
  return host != nullptr && input.file.takes(*host);
}

}  // namespace

bool target_in_reach(const CheckInput& input) {
  return check_downgrade(input).empty() && check_hops(input).empty();
}

std::vector<Verdict> check_downgrade(const CheckInput& input) {
  const Target& target = input.file.target;
  const bool lower_minor =
      std::pair(target.major, target.minor) < std::pair(input.from.major, input.from.minor);
  if (!lower_minor && (!input.target || *input.target >= input.from)) return {};
  return {{.severity = Severity::Blocker,
           .subject = "cluster",
           .message = fmt::format("target {} is below the present version {}", target.str(),
                                  input.from.str()),
           .remedy = "Kubernetes cannot be downgraded; restore an etcd snapshot of the old version "
                     "instead"}};
}

std::vector<Verdict> check_hops(const CheckInput& input) {
  const int major = input.file.target.major;
  const int minor = input.file.target.minor;
  if (major < input.from.major) return {};
  if (major > input.from.major) {
    return {{.severity = Severity::Blocker,
             .subject = "cluster",
             .message = fmt::format("target {} is of another major version than {}",
                                    input.file.target.str(), input.from.str()),
             .remedy = fmt::format("correct `target`; the next minor is {}.{}", input.from.major,
                                   input.from.minor + 1)}};
  }
  if (minor <= input.from.minor + 1) return {};
  return {
      {.severity = Severity::Blocker,
       .subject = "cluster",
       .message = fmt::format("target {} is {} minors above {}: hops of more than one minor "
                              "are not supported yet",
                              input.file.target.str(), minor - input.from.minor, input.from.str()),
       .remedy = fmt::format("go to {}.{} first: set `target: \"{}.{}\"`", input.from.major,
                             input.from.minor + 1, input.from.major, input.from.minor + 1)}};
}

std::vector<Verdict> check_skew(const CheckInput& input) {
  if (!input.target || !target_in_reach(input)) return {};
  std::vector<Verdict> verdicts;
  for (const Node& node : input.facts.nodes) {
    const auto kubelet = parse_kube_version(node.kubelet_version);
    if (!kubelet) {
      verdicts.push_back({.severity = Severity::Blocker,
                          .subject = node.name,
                          .message = fmt::format("kubelet version `{}` of {} cannot be read",
                                                 node.kubelet_version, node.name),
                          .remedy = "look at `kubectl get node " + node.name + " -o yaml`"});
      continue;
    }
    const int allowed = kubelet_lag_allowed(input.target->minor);
    if (kubelet->minor < input.target->minor - allowed) {
      verdicts.push_back({.severity = Severity::Blocker,
                          .subject = node.name,
                          .message = fmt::format(
                              "kubelet {} of {} is more than {} minor{} behind {}", kubelet->str(),
                              node.name, allowed, allowed == 1 ? "" : "s", input.target->str()),
                          .remedy = "upgrade this node's kubelet first"});
    }
    if (is_too_new(*kubelet, *input.target, is_taken(input, node))) {
      verdicts.push_back({.severity = Severity::Blocker,
                          .subject = node.name,
                          .message = fmt::format("kubelet {} of {} is newer than the target {}",
                                                 kubelet->str(), node.name, input.target->str()),
                          .remedy = fmt::format("raise `target` to at least {}", kubelet->str())});
    }
  }
  return verdicts;
}

}  // namespace drover::plans
