#include "plans/describe/describe.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "plans/budget_index.h"
#include "plans/drain_forecast.h"
#include "plans/event_query.h"
#include "plans/steps/cordon_mark.h"

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kListTimeout{60};

CordonedBy cordoned_by(const Node& node) {
  CordonedBy by{.cordoned = node.unschedulable};
  const auto mark = cordon_mark(node);
  if (by.cordoned && mark) by = {true, mark->run, mark->purpose};
  return by;
}

const PodClaim* claim_of(const std::vector<PodClaim>& claims, const Pod& pod) {
  const auto found = std::find_if(claims.begin(), claims.end(), [&](const PodClaim& one) {
    return one.ns == pod.ns && one.name == pod.name;
  });
  return found == claims.end() ? nullptr : &*found;
}

PodRow row_of(const PodDetail& pod, const PodClaim* claim) {
  PodRow row{
      .ns = pod.pod.ns, .name = pod.pod.name, .status = pod_status(pod), .created = pod.created};
  for (const ContainerDetail& one : pod.containers) {
    if (one.kind == ContainerDetail::Kind::Init || one.kind == ContainerDetail::Kind::Ephemeral)
      continue;
    ++row.containers;
    row.ready += one.ready ? 1 : 0;
    row.restarts += one.restarts;
  }
  if (claim != nullptr) row.requests = claim->requests;
  return row;
}

void keep_newest(std::vector<ClusterEvent>& events) {
  sort_events(events);
  if (events.size() > kMostEvents)
    events.erase(events.begin(), events.end() - static_cast<std::ptrdiff_t>(kMostEvents));
}

/// "Deployment/web", "ReplicaSet/web-7c9d": from the one that nothing owns down to the pod's own.
std::vector<std::string> owners_of(const Pod& pod, const std::vector<Replicas>& replicas) {
  std::vector<std::string> owners;
  std::optional<Controller> next = pod.controller;
  constexpr std::size_t kDeepest = 5;  // what owns itself in a circle comes to an end, too
  while (next && owners.size() < kDeepest) {
    const Controller owner = *next;
    owners.insert(owners.begin(), owner.kind + '/' + owner.name);
    const auto found = std::find_if(replicas.begin(), replicas.end(), [&](const Replicas& one) {
      return one.ns == pod.ns && one.kind == owner.kind && one.name == owner.name;
    });
    next = found == replicas.end() ? std::nullopt : found->owner;
  }
  return owners;
}

std::string budget_line(const PodDisruptionBudget& budget) {
  return fmt::format("{}: {} of {} healthy, {} wanted; {} may be evicted now", budget_text(budget),
                     budget.current_healthy, budget.expected_pods, budget.desired_healthy,
                     budget.disruptions_allowed);
}

}  // namespace

ApiRequest describe_node_request(const std::string& node) {
  return {.path = "/api/v1/nodes/" + percent_encode(node)};
}

ApiRequest pods_of_node_request(const std::string& node) {
  return {.path = "/api/v1/pods?fieldSelector=" + percent_encode("spec.nodeName=" + node),
          .timeout = kListTimeout};
}

NodeDescription describe_node(NodeDetail node, std::string host, LookedAt seen) {
  NodeDescription described{.node = std::move(node), .host = std::move(host)};
  described.cordon = cordoned_by(described.node.node);
  described.troubles = node_troubles(described.node);
  std::set<std::string> there;
  for (const PodDetail& pod : seen.pods) {
    const PodClaim* claim = claim_of(seen.claims, pod.pod);
    described.pods.push_back(row_of(pod, claim));
    if (claim != nullptr && claim->holds()) described.requests += claim->requests;
    there.insert(pod.pod.full_name());
  }
  std::sort(described.pods.begin(), described.pods.end(), [](const PodRow& a, const PodRow& b) {
    return std::tie(a.ns, a.name) < std::tie(b.ns, b.name);
  });
  const DrainPolicy policy;
  described.drain = DrainForecast(seen.facts, policy).of(described.node.node.name, described.host);
  for (ClusterEvent& event : seen.events) {
    const auto& object = event.object;
    const bool own = object.kind == "Node" && object.name == described.node.node.name;
    const bool of_pod = object.kind == "Pod" && event.is_warning() &&
                        there.count(object.ns + '/' + object.name) > 0;
    if (own || of_pod) described.events.push_back(std::move(event));
  }
  keep_newest(described.events);
  return described;
}

PodDescription describe_pod(LookedAt seen, const std::optional<Node>& node) {
  PodDescription described{.pod = seen.pods.front()};
  const Pod& pod = described.pod.pod;
  described.status = pod_status(described.pod);
  described.troubles = pod_troubles(described.pod, seen.events, node ? &*node : nullptr);
  described.owners = owners_of(pod, seen.facts.replicas);
  if (const PodClaim* claim = claim_of(seen.claims, pod)) {
    described.requests = claim->requests;
    described.limits = claim->limits;
  }
  for (const PodDisruptionBudget& budget : seen.facts.budgets) {
    if (budget.covers(pod)) described.budgets.push_back(budget_line(budget));
  }
  const DrainPolicy policy;
  if (!pod.node.empty()) described.drain = DrainForecast(seen.facts, policy).of(pod.node, pod.node);
  described.events = std::move(seen.events);
  keep_newest(described.events);
  return described;
}

}  // namespace drover::plans
