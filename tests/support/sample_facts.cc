#include "tests/support/sample_facts.h"

#include <fmt/format.h>

#include <algorithm>

namespace drover::test {
namespace {

constexpr std::uint64_t kGiB = std::uint64_t{1} << 30;

Pod pod(const std::string& ns, const std::string& name, const std::string& node,
        const std::string& image) {
  Pod made;
  made.ns = ns;
  made.name = name;
  made.uid = "uid-" + name;
  made.node = node;
  made.phase = "Running";
  made.ready = true;
  made.images = {image};
  made.containers = {{.name = "main",
                      .container_id = "containerd://" + name,
                      .started_at = "2026-01-01T00:00:00Z",
                      .ready = true}};
  return made;
}

NodeFacts machine(const std::string& host, bool control_plane) {
  NodeFacts facts;
  facts.host = host;
  facts.boot_id = "boot-" + host;
  facts.os = "Debian GNU/Linux 12 (bookworm)";
  facts.architecture = "amd64";
  facts.package_manager = "apt";
  for (const char* package : {"kubeadm", "kubelet", "kubectl"}) {
    facts.installed[package] = "1.33.13-1.1";
    facts.held.insert(package);
    facts.offered[package] = {"1.34.4-1.1", "1.34.3-1.1"};
  }
  facts.kubeadm_version = "v1.33.13";
  facts.kubelet_binary_version = "v1.33.13";
  facts.repository = {{"/etc/apt/sources.list.d/kubernetes.list", 1,
                       "deb [signed-by=/etc/apt/keyrings/kubernetes.gpg] "
                       "https://pkgs.k8s.io/core:/stable:/v1.33/deb/ /"}};
  for (const char* path :
       {"/", "/tmp", "/var", "/var/lib/etcd", "/var/cache/apt/archives", "/etc/kubernetes"}) {
    facts.free[path] = 50 * kGiB;
  }
  facts.static_pods = control_plane;
  if (control_plane) facts.etcd_bytes = 100 << 20;
  return facts;
}

Node node(const std::string& name, bool control_plane) {
  Node made;
  made.name = name;
  made.uid = "uid-" + name;
  made.resource_version = "100";
  made.boot_id = "boot-" + name;
  if (control_plane) made.labels["node-role.kubernetes.io/control-plane"] = "";
  made.ready = true;
  made.kubelet_version = "v1.33.13";
  made.container_runtime = "containerd://1.6.20";
  return made;
}

void add_control_plane_pods(ClusterFacts& facts) {
  for (const char* component : {"kube-apiserver", "kube-controller-manager", "kube-scheduler"}) {
    Pod made = pod("kube-system", fmt::format("{}-cp1", component), "cp1",
                   fmt::format("registry.k8s.io/{}:v1.33.13", component));
    made.mirror = true;
    facts.pods.push_back(made);
  }
  Pod etcd = pod("kube-system", "etcd-cp1", "cp1", "registry.k8s.io/etcd:3.5.24-0");
  etcd.mirror = true;
  facts.pods.push_back(etcd);
}

void add_web(ClusterFacts& facts, int workers) {
  for (int i = 1; i <= workers; ++i) {
    Pod web = pod("default", fmt::format("web-{}", i), fmt::format("w{}", i), "rig.local/web:1");
    web.labels = {{"app", "web"}};
    web.controller = Controller{"apps/v1", "ReplicaSet", "web"};
    facts.pods.push_back(web);
  }
  PodDisruptionBudget budget;
  budget.ns = "default";
  budget.name = "web";
  budget.selector = {.present = true, .match_labels = {{"app", "web"}}};
  budget.min_available = "3";
  budget.disruptions_allowed = 1;
  budget.current_healthy = 4;
  budget.desired_healthy = 3;
  budget.expected_pods = 4;
  facts.budgets.push_back(budget);
}

}  // namespace

Inventory sample_inventory(int workers) {
  Inventory inventory;
  inventory.file = "inventory.yaml";
  inventory.sha256 = "aa";
  inventory.cluster = "prod";
  const auto add = [&](const std::string& name, int last_octet, Role role) {
    inventory.hosts.push_back({.name = name,
                               .address = fmt::format("10.0.0.{}", last_octet),
                               .node = name,
                               .roles = {role}});
  };
  add("cp1", 11, Role::ControlPlane);
  for (int i = 1; i <= workers; ++i) add(fmt::format("w{}", i), 20 + i, Role::Worker);
  return inventory;
}

UpgradePlan sample_upgrade() {
  UpgradePlan upgrade;
  upgrade.file = "upgrade.yaml";
  upgrade.sha256 = "bb";
  upgrade.inventory = "inventory.yaml";
  upgrade.target = {.major = 1, .minor = 34, .patch = 4};
  return upgrade;
}

ClusterFacts sample_facts(int workers) {
  ClusterFacts facts;
  facts.uid = "cluster-uid";
  facts.server_version = "v1.33.13";
  facts.kubeadm = {.kubernetes_version = "v1.33.13",
                   .image_repository = "registry.k8s.io",
                   .control_plane_endpoint = "api:6443",
                   .certificates_dir = "/etc/kubernetes/pki",
                   .etcd_data_dir = "/var/lib/etcd"};
  facts.kubeadm_config_sha256 = "cc";
  facts.nodes.push_back(node("cp1", true));
  facts.hosts["cp1"] = machine("cp1", true);
  for (int i = 1; i <= workers; ++i) {
    const std::string name = fmt::format("w{}", i);
    facts.nodes.push_back(node(name, false));
    facts.hosts[name] = machine(name, false);
  }
  add_control_plane_pods(facts);
  add_web(facts, workers);
  facts.workloads = {{.kind = "DaemonSet",
                      .ns = "kube-system",
                      .name = "kube-proxy",
                      .images = {"registry.k8s.io/kube-proxy:v1.33.13"},
                      .wanted = workers + 1,
                      .updated = workers + 1,
                      .available = workers + 1,
                      .observed = true},
                     {.kind = "Deployment",
                      .ns = "kube-system",
                      .name = "coredns",
                      .images = {"registry.k8s.io/coredns/coredns:v1.12.0"},
                      .wanted = 2,
                      .updated = 2,
                      .available = 2,
                      .observed = true}};
  return facts;
}

void upgrade_node_facts(ClusterFacts& facts, const std::string& name) {
  for (Node& n : facts.nodes) {
    if (n.name == name) n.kubelet_version = "v1.34.4";
  }
  NodeFacts& machine_facts = facts.hosts.at(name);
  for (auto& [package, revision] : machine_facts.installed) revision = "1.34.4-1.1";
  machine_facts.kubeadm_version = machine_facts.kubelet_binary_version = "v1.34.4";
}

void upgrade_control_plane_facts(ClusterFacts& facts) {
  facts.kubeadm.kubernetes_version = facts.server_version = "v1.34.4";
  for (Pod& p : facts.pods) {
    for (std::string& image : p.images) {
      const size_t tag = image.find(":v1.33.13");
      if (p.mirror && tag != std::string::npos) image.replace(tag, std::string::npos, ":v1.34.4");
    }
  }
}

}  // namespace drover::test
