#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "inventory/cluster/workload.h"
#include "plans/gates/condition.h"
#include "plans/gates/daemonset_marks.h"
#include "plans/gates/paths.h"
#include "plans/steps/reading.h"

/// A node's pods of DaemonSets: those of the network plugin, kube-proxy, and all others. Three
/// conditions, so that a gate says which of them it is.
namespace drover::plans {
namespace {

constexpr const char* kAbsent = "daemonset_absent";  // note: a pod is missing altogether
constexpr const char* kKubeProxy = "kube-system/kube-proxy";
constexpr const char* kNetwork = "network";  // subject; those of DaemonSets have a slash

// By the names that their own manifests give them.
constexpr std::array<std::string_view, 11> kNetworkPlugins = {
    "antrea-agent", "aws-node",    "calico-node", "canal",        "cilium",   "kindnet",
    "kube-flannel", "kube-router", "multus",      "ovnkube-node", "weave-net"};

enum class Group { Network, KubeProxy, Other };

Group group_of(const std::string& daemonset) {
  if (daemonset == kKubeProxy) return Group::KubeProxy;
  const std::string_view name = std::string_view(daemonset).substr(daemonset.find('/') + 1);
  const bool network =
      std::any_of(kNetworkPlugins.begin(), kNetworkPlugins.end(), [&](std::string_view plugin) {
        return name == plugin || (name.starts_with(plugin) && name[plugin.size()] == '-');
      });
  return network ? Group::Network : Group::Other;
}

bool well(const Pod& pod) { return pod.ready && !pod.deleting; }

// What every condition here looks at. The DaemonSets themselves are asked for only when one of them
// may have been taken away.
Queries look(const Step& step, const Attempt& attempt) {
  Queries queries;
  queries.requests = {get(pods_of_node_path(step))};
  if (attempt.note(kAbsent) == "yes") queries.requests.push_back(get(kDaemonSetsPath));
  return queries;
}

Result<bool> taken_away(const GateInput& input, const std::string& daemonset) {
  if (!input.seen.asked(kDaemonSetsPath)) return false;
  const Result<ApiResponse>& answer = input.seen.get(kDaemonSetsPath);
  if (!answer) return answer.error();
  if (!answer->ok()) return refused("list DaemonSets", *answer);
  DROVER_TRY_ASSIGN(const std::vector<Workload> there,
                    parse_workload_list(answer->body, "DaemonSet"));
  return std::none_of(there.begin(), there.end(),
                      [&](const Workload& one) { return one.full_name() == daemonset; });
}

Result<std::vector<Pod>> pods_of(const GateInput& input) {
  return read_answer(input.seen.get(pods_of_node_path(input.step)),
                     "list the pods of " + input.step.param("node"), parse_pod_list);
}

Result<Findings> judge(const GateInput& input, Group group) {
  DROVER_TRY_ASSIGN(const std::vector<Pod> pods, pods_of(input));
  Findings findings;
  findings.to = "to be Ready";
  std::map<std::string, int> seen;
  for (const Pod& pod : pods) {
    const auto daemonset = daemonset_of(pod);
    if (!daemonset || group_of(*daemonset) != group) continue;
    ++seen[*daemonset];
    const bool old = input.before != nullptr && input.before->contains(*daemonset) &&
                     input.before->at(*daemonset) == 0;
    if (!well(pod) && !old) findings.unwell.push_back({*daemonset, pod.full_name()});
  }
  for (const auto& [daemonset, ready] : input.before != nullptr ? *input.before : Marks{}) {
    const bool ours = daemonset != kNetwork && group_of(daemonset) == group;
    if (!ours || ready == 0 || seen.contains(daemonset)) continue;
    findings.remember[kAbsent] = "yes";
    DROVER_TRY_ASSIGN(const bool gone, taken_away(input, daemonset));
    if (!gone) {
      findings.unwell.push_back(
          {daemonset, fmt::format("a pod of {} on {}", daemonset, input.step.param("node"))});
    }
  }
  return findings;
}

void mark(const std::vector<Pod>& pods, bool network_unavailable, Marks& marks) {
  for (const Pod& pod : pods) {
    const auto daemonset = daemonset_of(pod);
    if (!daemonset) continue;
    const auto [at, first] = marks.emplace(*daemonset, 1);
    if (!well(pod)) at->second = 0;
  }
  if (network_unavailable) marks[kNetwork] = 0;
}

}  // namespace

std::optional<std::string> daemonset_of(const Pod& pod) {
  if (!pod.controller || pod.controller->kind != "DaemonSet") return std::nullopt;
  return pod.ns + "/" + pod.controller->name;
}

Marks daemonset_marks(const std::vector<Pod>& pods, const Node& node) {
  std::vector<Pod> its;
  std::copy_if(pods.begin(), pods.end(), std::back_inserter(its),
               [&](const Pod& pod) { return pod.node == node.name; });
  Marks marks;
  mark(its, node.network_unavailable, marks);
  return marks;
}

Queries look_at_network(const Step& step, const Attempt& attempt) {
  Queries queries = look(step, attempt);
  ask(queries, look_at_node_ready(step, attempt));
  return queries;
}

Result<Findings> judge_network(const GateInput& input) {
  DROVER_TRY_ASSIGN(Findings findings, judge(input, Group::Network));
  const std::string& name = input.step.param("node");
  DROVER_TRY_ASSIGN(const Node node, read_answer(input.seen.get(node_path(input.step)),
                                                 "read node " + name, parse_node));
  const bool old = input.before != nullptr && input.before->contains(kNetwork);
  if (node.network_unavailable && !old) {
    findings.unwell.push_back({kNetwork, fmt::format("the network of {}", name)});
  }
  return findings;
}

Queries look_at_kube_proxy(const Step& step, const Attempt& attempt) { return look(step, attempt); }

Result<Findings> judge_kube_proxy(const GateInput& input) { return judge(input, Group::KubeProxy); }

Queries look_at_daemonsets(const Step& step, const Attempt& attempt) {
  return look_at_network(step, attempt);
}

Result<Findings> judge_daemonsets(const GateInput& input) { return judge(input, Group::Other); }

Result<Marking> mark_daemonsets(const GateInput& input) {
  DROVER_TRY_ASSIGN(const std::vector<Pod> pods, pods_of(input));
  DROVER_TRY_ASSIGN(const Node node,
                    read_answer(input.seen.get(node_path(input.step)),
                                "read node " + input.step.param("node"), parse_node));
  Marking marking;
  mark(pods, node.network_unavailable, marking.marks);
  return marking;
}

}  // namespace drover::plans
