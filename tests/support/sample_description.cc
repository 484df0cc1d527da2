#include "tests/support/sample_description.h"

namespace drover::test {
namespace {

using plans::LookedAt;
using Kind = ContainerDetail::Kind;
using State = ContainerDetail::State;

PodDetail pod(const std::string& ns, const std::string& name) {
  PodDetail detail;
  detail.pod.ns = ns;
  detail.pod.name = name;
  detail.pod.node = "w1";
  detail.pod.phase = "Running";
  detail.pod.ready = true;
  detail.created = "2026-11-27T08:00:00Z";
  detail.conditions = {{.type = "Ready", .status = "True"}};
  detail.containers = {{.name = "app",
                        .image = "shop/web:2",
                        .id = "id",
                        .state = State::Running,
                        .running_since = "2026-11-28T07:00:00Z",
                        .ready = true,
                        .started = true}};
  return detail;
}

PodDetail web() {
  PodDetail detail = pod("shop", "web-1");
  detail.pod.labels = {{"app", "web"}};
  detail.pod.controller = Controller{"apps/v1", "ReplicaSet", "web-7c"};
  detail.pod.has_emptydir = true;
  detail.pod.claims = {"db"};
  detail.volumes = {
      {"tmp", "emptyDir", ""}, {"data", "persistentVolumeClaim", "db"}, {"conf", "configMap", ""}};
  ContainerDetail& app = detail.containers[0];
  app.state = State::Waiting;
  app.reason = "CrashLoopBackOff";
  app.message = "back-off 40s restarting failed container";
  app.ready = false;
  app.restarts = 4;
  app.last_end =
      ContainerEnd{.exit_code = 137, .reason = "OOMKilled", .finished = "2026-11-28T07:57:00Z"};
  detail.containers.push_back(
      {.name = "migrate",
       .image = "shop/migrate:2",
       .kind = Kind::Init,
       .state = State::Ended,
       .end = ContainerEnd{.reason = "Completed", .finished = "2026-11-27T08:01:00Z"}});
  return detail;
}

PodClaim claim(const std::string& ns, const std::string& name, const char* cpu,
               const char* memory) {
  PodClaim claim{.ns = ns, .name = name, .node = "w1", .phase = "Running"};
  claim.requests = {*Quantity::parse(cpu), *Quantity::parse(memory)};
  claim.limits.memory = *Quantity::parse("256Mi");
  return claim;
}

ClusterEvent event(const std::string& kind, const std::string& ns, const std::string& name,
                   const std::string& reason, const std::string& type, const std::string& message) {
  ClusterEvent event;
  event.ns = ns.empty() ? "default" : ns;
  event.object = {kind, ns, name, ""};
  event.reason = reason;
  event.type = type;
  event.message = message;
  event.first = event.last = "2026-11-28T07:50:00Z";
  return event;
}

PodDisruptionBudget budget() {
  PodDisruptionBudget budget;
  budget.ns = "shop";
  budget.name = "web";
  budget.selector = {.present = true, .match_labels = {{"app", "web"}}};
  budget.min_available = "1";
  budget.current_healthy = 1;
  budget.desired_healthy = 1;
  budget.expected_pods = 2;
  return budget;
}

LookedAt seen(std::vector<PodDetail> pods) {
  LookedAt seen;
  for (const PodDetail& one : pods) seen.facts.pods.push_back(one.pod);
  seen.pods = std::move(pods);
  seen.facts.budgets = {budget()};
  seen.facts.replicas = {
      {"ReplicaSet", "shop", "web-7c", 2, Controller{"apps/v1", "Deployment", "web"}}};
  seen.facts.workloads = {{.kind = "DaemonSet", .ns = "kube-system", .name = "kube-proxy"}};
  seen.claims = {claim("shop", "web-1", "250m", "128Mi"),
                 claim("kube-system", "kube-proxy-x", "100m", "64Mi")};
  return seen;
}

}  // namespace

plans::NodeDescription sample_node_description() {
  NodeDetail node;
  node.node.name = "w1";
  node.node.unschedulable = true;
  node.node.annotations = {
      {"drover.local/cordon", R"({"run":"20261128T075000Z-ab12","was":false,"for":"node drain"})"}};
  node.node.kubelet_version = "v1.33.13";
  node.node.container_runtime = "containerd://1.6.20";
  node.created = "2026-11-01T08:00:00Z";
  node.conditions = {
      {"MemoryPressure", "False", "KubeletHasSufficientMemory", "", "2026-11-01T08:00:00Z"},
      {"Ready", "False", "KubeletNotReady", "container runtime \x1b[31mis down",
       "2026-11-28T07:58:00Z"}};
  node.taints = {{"node.kubernetes.io/unschedulable", "", "NoSchedule", "2026-11-28T07:50:00Z"},
                 {"team", "db", "NoExecute", ""}};
  node.os = "Debian GNU/Linux 12 (bookworm)";
  node.kernel = "6.1.0";
  node.address = "10.0.0.21";
  node.allocatable = {*Quantity::parse("2"), *Quantity::parse("2Gi")};
  node.max_pods = 110;

  PodDetail agent = pod("kube-system", "kube-proxy-x");
  agent.pod.controller = Controller{"apps/v1", "DaemonSet", "kube-proxy"};
  LookedAt all = seen({web(), agent, pod("shop", "alone")});
  all.events = {
      event("Node", "", "w1", "NodeNotReady", "Normal", "Node w1 status is now: NotReady"),
      event("Pod", "shop", "web-1", "BackOff", "Warning", "Back-off \x1b[2Jrestarting"),
      event("Pod", "shop", "web-1", "Pulled", "Normal", "left out"),
      event("Pod", "shop", "web-2", "BackOff", "Warning", "on another node")};
  return describe_node(std::move(node), "worker-1", std::move(all));
}

plans::PodDescription sample_pod_description() {
  LookedAt one = seen({web()});
  one.events = {event("Pod", "shop", "web-1", "BackOff", "Warning", "Back-off \x1b[2Jrestarting")};
  Node node;
  node.name = "w1";
  node.ready = true;
  return describe_pod(std::move(one), node);
}

}  // namespace drover::test
