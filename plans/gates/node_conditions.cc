#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/lease.h"
#include "inventory/cluster/node.h"
#include "plans/gates/condition.h"
#include "plans/gates/paths.h"
#include "plans/steps/reading.h"
#include "plans/timestamp.h"

/// What the Node object and its Lease say of a node.
namespace drover::plans {
namespace {

constexpr const char* kFirstRenewal = "first_renewal";

std::string lease_path(const Step& step) {
  return "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/" +
         percent_encode(step.param("node"));
}

Queries one_get(std::string path) {
  Queries queries;
  queries.requests = {get(std::move(path))};
  return queries;
}

Result<Node> node_of(const GateInput& input) {
  return read_answer(input.seen.get(node_path(input.step)), "read node " + input.step.param("node"),
                     parse_node);
}

}  // namespace

std::string node_path(const Step& step) {
  return "/api/v1/nodes/" + percent_encode(step.param("node"));
}

std::string pods_of_node_path(const Step& step) {
  return "/api/v1/pods?fieldSelector=" + percent_encode("spec.nodeName=" + step.param("node"));
}

Queries look_at_node_ready(const Step& step, const Attempt&) { return one_get(node_path(step)); }

Result<Findings> judge_node_ready(const GateInput& input) {
  DROVER_TRY_ASSIGN(const Node node, node_of(input));
  if (node.ready) return Findings{};
  return Findings{{{node.name, fmt::format("{} to be Ready ({})", node.name,
                                           sanitise(node.ready_reason, 120))}}};
}

Queries look_at_kubelet_version(const Step& step, const Attempt&) {
  return one_get(node_path(step));
}

Result<Findings> judge_kubelet_version(const GateInput& input) {
  const std::string& target = input.step.param("target");
  DROVER_TRY_ASSIGN(const Node node, node_of(input));
  if (node.kubelet_version == target) return Findings{};
  return Findings{{{node.name, fmt::format("kubelet {} on {} ({} now)", target, node.name,
                                           sanitise(node.kubelet_version, 40))}}};
}

Queries look_at_kubelet_lease(const Step& step, const Attempt&) {
  return one_get(lease_path(step));
}

// A Ready condition outlives a kubelet by up to 50 s; only a lease renewed since shows a live one.
Result<Findings> judge_kubelet_lease(const GateInput& input) {
  const auto& [step, attempt, seen, before] = input;
  DROVER_TRY_ASSIGN(const Lease lease,
                    read_answer(seen.get(lease_path(step)),
                                "read the lease of " + step.param("node"), parse_lease));
  const auto restarted =
      parse_epoch(attempt.note_of(sibling(step, StepKind::KubeletRestart), "restarted_at"));
  const auto renewed = parse_timestamp(lease.renew_time);
  Findings findings;
  bool fresh = false;
  if (restarted) {
    fresh = renewed && *renewed > *restarted;
  } else {
    const std::string& first = attempt.note(kFirstRenewal);
    if (first.empty()) findings.remember[kFirstRenewal] = lease.renew_time;
    fresh = renewed && !first.empty() && first != lease.renew_time;
  }
  if (!fresh) {
    findings.unwell = {
        {lease.name, fmt::format("the kubelet's lease of {} to be renewed", lease.name)}};
  }
  return findings;
}

}  // namespace drover::plans
