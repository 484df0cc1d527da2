#include "examples/sandbox/world/scene.h"

#include <algorithm>

#include "examples/sandbox/world/images.h"
#include "examples/sandbox/world/reconcile.h"

namespace drover::sandbox {
namespace {

constexpr const char* kControlPlaneTaint = "node-role.kubernetes.io/control-plane";

Workload coredns(const std::string& version) {
  Workload dns{.kind = Workload::Kind::Deployment, .ns = "kube-system", .name = "coredns"};
  dns.pods = {.labels = {{"k8s-app", "kube-dns"}},
              .image = addon_image("coredns", version),
              .tolerations = {{kControlPlaneTaint, "NoSchedule"}},
              .terminates = Span{6}};
  dns.replicas = 2;
  return dns;
}

Workload on_every_node(const std::string& ns, const std::string& name, const std::string& label,
                       const std::string& image) {
  Workload agent{.kind = Workload::Kind::DaemonSet, .ns = ns, .name = name};
  agent.pods = {.labels = {{label, name}}, .image = image, .tolerations = {Toleration{}}};
  return agent;
}

// kubeadm applies it when there is no other node yet.
void move_to_first_control_plane(World& world, const std::string& workload) {
  const auto first =
      std::find_if(world.nodes.begin(), world.nodes.end(),
                   [](const ClusterNode& node) { return node.machine.control_plane; });
  for (Pod& pod : world.pods)
    if (pod.ns == "kube-system" && pod.workload == workload) pod.node = first->name();
}

// Its pods are there already, wherever there is room for them.
void bring_to_life(World& world, const Workload& workload) {
  for (Pod& pod : world.pods) {
    if (pod.ns != workload.ns || pod.workload != workload.name || pod.node.empty()) continue;
    pod.created = pod.started = world.born;
    pod.ready = !pod.spec.never_ready;
  }
}

}  // namespace

void add_workload(World& world, Workload workload, Moment now) {
  if (Workload* old = world.find_workload(workload.kind, workload.ns, workload.name)) {
    old->pods = workload.pods;
    old->replicas = workload.replicas;
    ++old->generation;
    world.touch(*old);
    reconcile(world, now);
    return;
  }
  workload.uid = world.new_uid();
  workload.created = world.born;
  world.touch(workload);
  world.workloads.push_back(workload);
  // One by one: a StatefulSet starts its next pod when the one before is Ready.
  for (size_t before = world.pods.size() + 1; before != world.pods.size();) {
    before = world.pods.size();
    reconcile(world, now);
    bring_to_life(world, workload);
  }
}

bool remove_workload(World& world, Workload::Kind kind, const std::string& ns,
                     const std::string& name, Moment now) {
  const auto gone = std::remove_if(
      world.workloads.begin(), world.workloads.end(),
      [&](const Workload& one) { return one.kind == kind && one.ns == ns && one.name == name; });
  if (gone == world.workloads.end()) return false;
  world.workloads.erase(gone, world.workloads.end());
  for (Pod& pod : world.pods)
    if (pod.ns == ns && pod.workload == name) begin_deletion(world, pod, now);
  return true;
}

void add_budget(World& world, Budget budget, Moment now) {
  if (Budget* old = world.find_budget(budget.ns, budget.name)) {
    budget.uid = old->uid;
    budget.created = old->created;
    world.touch(budget);
    *old = std::move(budget);
    return;
  }
  budget.uid = world.new_uid();
  budget.created = now;
  world.touch(budget);
  world.budgets.push_back(std::move(budget));
}

void furnish(World& world, Moment now) {
  const std::string version = world.version(now);
  world.addons_version = version;
  add_workload(world, coredns(version), now);
  move_to_first_control_plane(world, "coredns");
  add_workload(
      world,
      on_every_node("kube-system", "kube-proxy", "k8s-app", addon_image("kube-proxy", version)),
      now);
  add_workload(world, on_every_node("default", "agent", "app", "registry.k8s.io/agent:1"), now);
  Workload web{.kind = Workload::Kind::Deployment, .ns = "default", .name = "web"};
  web.pods = {.labels = {{"app", "web"}}, .image = "registry.k8s.io/web:1"};
  web.replicas = 4;
  add_workload(world, web, now);
  add_budget(
      world,
      {.ns = "default", .name = "web", .selector = equal_to(web.pods.labels), .min_available = "3"},
      now);
}

}  // namespace drover::sandbox
