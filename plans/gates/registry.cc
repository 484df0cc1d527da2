#include <algorithm>

#include "plans/gates/condition.h"

namespace drover::plans {
namespace {

bool workloads(const HealthPolicy& health) { return health.workloads; }
bool webhooks(const HealthPolicy& health) { return health.webhooks; }
bool alerts(const HealthPolicy& health) { return health.prometheus.has_value(); }
bool commands(const HealthPolicy& health) { return !health.commands.empty(); }

#define DROVER_ROW(id, name, about, at, wanted, baseline, last, ...)                               \
  Condition {                                                                                      \
    id, about, at, wanted, baseline, last, look_at_##name, judge_##name __VA_OPT__(, ) __VA_ARGS__ \
  }

const std::vector<StepKind> kNode = {StepKind::NodeHealthy};
const std::vector<StepKind> kNodeAndAfter = {StepKind::NodeHealthy, StepKind::Settled};
const std::vector<StepKind> kAfter = {StepKind::Settled};
const std::vector<StepKind> kAfterAddons = {StepKind::AddonsHealthy};
const std::vector<StepKind> kCluster = {StepKind::AddonsHealthy, StepKind::Settled};
const std::vector<StepKind> kAllOver = {StepKind::Preflight, StepKind::AddonsHealthy,
                                        StepKind::Settled};

}  // namespace

const std::vector<Condition>& all_conditions() {
  static const std::vector<Condition> rows = {
      DROVER_ROW("kubelet-version", kubelet_version, "the kubelet says the new version", kNode,
                 nullptr, "", false),
      DROVER_ROW("node-ready", node_ready, "the node is Ready", kNodeAndAfter, nullptr, "", false),
      DROVER_ROW("kubelet-lease", kubelet_lease,
                 "the kubelet has renewed its Lease since its start", kNode, nullptr, "", false),
      DROVER_ROW("network", network,
                 "the network plugin's pods on the node are Ready and it has given it a network",
                 kNode, nullptr, "daemonsets", false),
      DROVER_ROW("kube-proxy", kube_proxy, "the node's kube-proxy is Ready", kNode, nullptr,
                 "daemonsets", false),
      DROVER_ROW("daemonsets", daemonsets, "the node's other DaemonSet pods are Ready", kNode,
                 nullptr, "daemonsets", false, mark_daemonsets),
      DROVER_ROW("addons", addons, "CoreDNS and kube-proxy are rolled out", kAfterAddons, nullptr,
                 "", false),
      DROVER_ROW("budgets", budgets, "every disruption budget has the pods it wants", kAfter,
                 nullptr, "budgets", false),
      DROVER_ROW("workloads", workloads, "what had pods on the node is as available as before",
                 kAfter, workloads, "workloads", false, mark_workloads),
      DROVER_ROW("webhooks", webhooks, "services behind webhooks that fail closed have endpoints",
                 kCluster, webhooks, "webhooks", false),
      DROVER_ROW("api-services", api_services, "aggregated APIs are available", kCluster, webhooks,
                 "api-services", false),
      DROVER_ROW("service-watches", service_watches,
                 "whoever watched services before the API was away watches them again", kAfter,
                 nullptr, "", false, mark_service_watches),
      DROVER_ROW("alerts", alerts, "none of the alerts of health.prometheus.block_on fires",
                 kAllOver, alerts, "", false),
      DROVER_ROW("commands", commands, "the commands of health.commands to be tried", kAllOver,
                 commands, "", true),
  };
  return rows;
}

const Condition* find_condition(std::string_view id) {
  const auto& rows = all_conditions();
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const Condition& condition) { return condition.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

}  // namespace drover::plans
