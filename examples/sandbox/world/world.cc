#include "examples/sandbox/world/world.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/version.h"

namespace drover::sandbox {
namespace {

template <class Objects>
auto* find_named(Objects& objects, const std::string& ns, const std::string& name) {
  const auto found = std::find_if(objects.begin(), objects.end(), [&](const auto& one) {
    return one.name == name && one.ns == ns;
  });
  return found == objects.end() ? nullptr : &*found;
}

template <class Nodes>
auto* find_in_nodes(Nodes& nodes, const std::string& name) {
  const auto found =
      std::find_if(nodes.begin(), nodes.end(), [&](const auto& one) { return one.name() == name; });
  return found == nodes.end() ? nullptr : &*found;
}

template <class Workloads>
auto* find_in_workloads(Workloads& workloads, Workload::Kind kind, const std::string& ns,
                        const std::string& name) {
  const auto found = std::find_if(workloads.begin(), workloads.end(), [&](const Workload& one) {
    return one.kind == kind && one.name == name && one.ns == ns;
  });
  return found == workloads.end() ? nullptr : &*found;
}

ClusterNode make_node(const Machine& machine, int number, Moment born) {
  ClusterNode node;
  node.machine = machine;
  node.number = number;
  node.created = node.kubelet_since = born;
  node.log = read_node_log(machine);
  node.boot_id = node.log.boot_id;
  if (node.log.kubelets.empty())
    throw std::runtime_error(machine.name + " has no kubelet: its file is missing or empty");
  node.kubelet_version = node.log.kubelets.front().version;
  node.labels = {{"beta.kubernetes.io/arch", "amd64"},
                 {"beta.kubernetes.io/os", "linux"},
                 {"kubernetes.io/arch", "amd64"},
                 {"kubernetes.io/hostname", machine.name},
                 {"kubernetes.io/os", "linux"}};
  node.annotations = {
      {"kubeadm.alpha.kubernetes.io/cri-socket", "unix:///run/containerd/containerd.sock"},
      {"node.alpha.kubernetes.io/ttl", "0"},
      {"volumes.kubernetes.io/controller-managed-attach-detach", "true"}};
  const std::string range = fmt::format("10.244.{}.0/24", number - 1);
  node.spec = {{"podCIDR", range}, {"podCIDRs", {range}}};
  if (machine.control_plane) {
    node.labels["node-role.kubernetes.io/control-plane"] = "";
    node.labels["node.kubernetes.io/exclude-from-external-load-balancers"] = "";
    node.spec["taints"] = {
        {{"key", "node-role.kubernetes.io/control-plane"}, {"effect", "NoSchedule"}}};
  }
  return node;
}

}  // namespace

World::World(const std::vector<Machine>& machines, Pace how_fast, unsigned seed, Moment when_born)
    : World(machines, how_fast, std::mt19937(seed), when_born) {}

World::World(const std::vector<Machine>& machines, Pace how_fast, std::mt19937 random,
             Moment when_born)
    : pace(how_fast),
      born(std::chrono::floor<std::chrono::seconds>(when_born)),
      uid(make_uid(random)),
      random_(random) {
  for (const Machine& machine : machines) {
    ClusterNode node = make_node(machine, static_cast<int>(nodes.size()) + 1, born);
    node.uid = new_uid();
    touch(node);
    if (machine.control_plane)
      control_planes.emplace(machine.name, ControlPlane(node.log, born, pace));
    nodes.push_back(std::move(node));
  }
  if (control_planes.empty()) throw std::runtime_error("no machine is a control plane");
}

ClusterNode* World::find_node(const std::string& name) { return find_in_nodes(nodes, name); }

const ClusterNode* World::find_node(const std::string& name) const {
  return find_in_nodes(nodes, name);
}

Pod* World::find_pod(const std::string& ns, const std::string& name) {
  return find_named(pods, ns, name);
}

Workload* World::find_workload(Workload::Kind kind, const std::string& ns,
                               const std::string& name) {
  return find_in_workloads(workloads, kind, ns, name);
}

const Workload* World::find_workload(Workload::Kind kind, const std::string& ns,
                                     const std::string& name) const {
  return find_in_workloads(workloads, kind, ns, name);
}

Budget* World::find_budget(const std::string& ns, const std::string& name) {
  return find_named(budgets, ns, name);
}

const ControlPlane* World::control_plane(const std::string& node) const {
  const auto found = control_planes.find(node);
  return found == control_planes.end() ? nullptr : &found->second;
}

std::string World::version(Moment now) const {
  KubeVersion highest;
  for (const auto& [name, one] : control_planes) {
    const auto version = parse_kube_version(one.upgraded(now).version);
    if (!version) throw std::runtime_error(name + ": " + version.error().message);
    highest = std::max(highest, *version);
  }
  return highest.tag();
}

std::vector<const Pod*> World::covered_by(const Budget& budget) const {
  std::vector<const Pod*> covered;
  for (const Pod& pod : pods)
    if (!pod.finished && budget.covers(pod)) covered.push_back(&pod);
  return covered;
}

BudgetStatus World::status_of(const Budget& budget) const {
  const std::vector<const Pod*> covered = covered_by(budget);
  std::map<std::string, int> wanted;  // by workload
  std::optional<int> scale = 0;
  for (const Pod* pod : covered) {
    const auto found = std::find_if(workloads.begin(), workloads.end(), [&](const Workload& one) {
      return one.ns == pod->ns && one.name == pod->workload;
    });
    if (found == workloads.end()) {
      scale.reset();
      break;
    }
    wanted[found->uid] =
        found->kind == Workload::Kind::DaemonSet ? static_cast<int>(nodes.size()) : found->replicas;
  }
  if (scale)
    for (const auto& [name, count] : wanted) *scale += count;
  return budget_status(budget, covered, scale);
}

std::string World::make_uid(std::mt19937& random) {
  const auto bits = [&](unsigned mask) { return static_cast<unsigned>(random()) & mask; };
  return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:08x}{:04x}", bits(0xffffffff), bits(0xffff),
                     bits(0xfff), 0x8000 | bits(0x3fff), bits(0xffffffff), bits(0xffff));
}

std::string World::new_uid() { return make_uid(random_); }

std::string World::random_suffix() {
  static const std::string alphabet = "bcdfghjklmnpqrstvwxz2456789";
  std::string suffix;
  for (int i = 0; i < 5; ++i) suffix += alphabet[random_() % alphabet.size()];
  return suffix;
}

}  // namespace drover::sandbox
