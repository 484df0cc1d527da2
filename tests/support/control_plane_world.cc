#include "tests/support/control_plane_world.h"

#include <fmt/format.h>

#include <cmath>

#include "tests/support/kube_json.h"

namespace drover::test {
namespace {

const std::vector<std::string> kVersioned = {"kube-apiserver", "kube-controller-manager",
                                             "kube-scheduler"};

}  // namespace

ControlPlaneWorld::ControlPlaneWorld() {
  std::vector<std::string> components = kVersioned;
  components.push_back("etcd");
  for (const std::string& component : components) {
    Pod& pod = pods[component];
    pod.ns = "kube-system";
    pod.name = component + "-cp1";
    pod.uid = "uid-" + component;
    pod.node = "cp1";
    pod.phase = "Running";
    pod.mirror = pod.ready = true;
    pod.labels = {{"component", component}, {"tier", "control-plane"}};
    pod.images = {"registry.k8s.io/" + component + ":v1.33.13"};
    pod.containers = {{.name = component,
                       .container_id = "containerd://old-" + component,
                       .started_at = "2026-11-22T09:00:00Z",
                       .ready = true}};
  }
  pods["etcd"].images = {"registry.k8s.io/etcd:3.5.24-0"};
  renewed_ = time();
}

std::string ControlPlaneWorld::time() const {
  const double second = std::floor(now_);
  return fmt::format("2026-11-22T21:{:02}:{:02}.{:06}Z", static_cast<int>(second) / 60,
                     static_cast<int>(second) % 60, static_cast<int>((now_ - second) * 1e6));
}

void ControlPlaneWorld::restart(const std::string& component) {
  ContainerStatus& container = pods.at(component).containers[0];
  container.container_id = fmt::format("containerd://new-{}", ++born_);
  container.started_at = time().substr(0, 19) + "Z";
}

void ControlPlaneWorld::restart_all() {
  for (auto& [component, pod] : pods) restart(component);
}

void ControlPlaneWorld::upgrade(const std::string& tag) {
  for (const std::string& component : kVersioned) {
    pods[component].images = {"registry.k8s.io/" + component + ":" + tag};
  }
  pods["etcd"].images = {"registry.k8s.io/etcd:3.6.5-0"};
  config = kube_proxy = tag;
}

void ControlPlaneWorld::pass(std::chrono::milliseconds time_passed) {
  const double until = now_ + std::chrono::duration<double>(time_passed).count();
  while (!events_.empty() && events_.begin()->first <= until) {
    now_ = std::max(now_, events_.begin()->first);
    const auto event = std::move(events_.begin()->second);
    events_.erase(events_.begin());
    event();
  }
  // A leader renews its lease every two seconds.
  const bool tick = std::floor(until / 2) > std::floor(now_ / 2);
  now_ = until;
  if (renewing && api && tick) renewed_ = time();
}

CommandResult ControlPlaneWorld::run(const Command& command) {
  if (on_run) return on_run(command);
  return {0, "", ""};
}

Result<ApiResponse> ControlPlaneWorld::no_effects() const {
  return refusal(501, "NotImplemented", "");
}

Result<ApiResponse> ControlPlaneWorld::get(const ApiRequest& request) {
  const std::string& path = request.path;
  asked.push_back(path);
  const auto has = [&](const char* part) { return path.find(part) != std::string::npos; };
  if (!api) return no_answer();
  if (path == "/readyz") return ready ? ok("ok") : refusal(500, "", "[-]etcd failed");
  if (!access && has("/configmaps/")) {
    return refusal(403, "Forbidden", R"(User "kubernetes-admin" cannot get resource "configmaps")");
  }
  if (has("/pods?fieldSelector=spec.nodeName%3Dcp1&labelSelector=component")) {
    std::vector<Pod> list;
    for (const auto& [component, pod] : pods) list.push_back(pod);
    return ok(list_of("Pod", list));
  }
  if (has("/leases/")) {
    Lease lease;
    lease.ns = "kube-system";
    lease.name = path.substr(path.rfind('/') + 1);
    lease.renew_time = renewed_;
    return ok(json_of(lease));
  }
  if (has("/configmaps/kubeadm-config")) {
    return ok(config_map_json("kubeadm-config", "ClusterConfiguration",
                              "kind: ClusterConfiguration\nkubernetesVersion: " + config + "\n"));
  }
  if (has("/configmaps/coredns")) return ok(config_map_json("coredns", "Corefile", ".:53 {}"));
  if (has("/daemonsets/kube-proxy")) {
    return ok(json_of(Workload{.kind = "DaemonSet",
                               .ns = "kube-system",
                               .name = "kube-proxy",
                               .images = {"registry.k8s.io/kube-proxy:" + kube_proxy}}));
  }
  return refusal(501, "NotImplemented", path);
}

}  // namespace drover::test
