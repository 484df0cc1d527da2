#include <fmt/format.h>

#include <algorithm>
#include <functional>

#include "examples/sandbox/api/forbidden.h"
#include "examples/sandbox/api/listing.h"
#include "examples/sandbox/world/lock.h"
#include "examples/sandbox/world/objects.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;
using Kind = Workload::Kind;

constexpr const char* kApps = "apps/v1";
constexpr const char* kSystem = "kube-system";

// Only the namespace that the path names, or all.
bool is_asked_for(const Call& call, const std::string& ns) {
  const auto wanted = call.names.find("namespace");
  return wanted == call.names.end() || wanted->second == ns;
}

Answer list_workloads(Call& call, Kind kind) {
  std::vector<json> items;
  for (const Workload& workload : call.world.workloads)
    if (workload.kind == kind && is_asked_for(call, workload.ns))
      items.push_back(workload_json(call.world, workload));
  return list_of(call, kind_name(kind), kApps, std::move(items));
}

Answer get_workload(Call& call, Kind kind, const std::string& resource) {
  const std::string& name = call.names["name"];
  const Workload* found = call.world.find_workload(kind, call.names["namespace"], name);
  if (found == nullptr) return not_found(resource, name);
  return {200, whole(workload_json(call.world, *found), kind_name(kind), kApps)};
}

// "NAMESPACE/NAME".
std::pair<std::string, std::string> in_two(const std::string& name) {
  const size_t slash = name.find('/');
  return {name.substr(0, slash), name.substr(slash + 1)};
}

Answer list_webhooks(Call& call, const std::string& wanted) {
  std::vector<json> items;
  for (const auto& [service, kind] : call.world.webhooks) {
    if (kind != wanted) continue;
    const auto [ns, name] = in_two(service);
    items.push_back(webhook_json(call.world, kind, ns, name));
  }
  return list_of(call, wanted, "admissionregistration.k8s.io/v1", std::move(items));
}

// As kubeadm leaves it, apart from what nobody reads.
std::string cluster_configuration(const World& world, Moment now) {
  return fmt::format(R"(apiServer: {{}}
apiVersion: kubeadm.k8s.io/v1beta4
caCertificateValidityPeriod: 87600h0m0s
certificateValidityPeriod: 8760h0m0s
certificatesDir: /etc/kubernetes/pki
clusterName: kubernetes
controllerManager: {{}}
dns: {{}}
encryptionAlgorithm: RSA-2048
etcd:
  local:
    dataDir: /var/lib/etcd
imageRepository: registry.k8s.io
kind: ClusterConfiguration
kubernetesVersion: {}
networking:
  dnsDomain: cluster.local
  podSubnet: 10.244.0.0/16
  serviceSubnet: 10.96.0.0/12
proxy: {{}}
scheduler: {{}}
)",
                     world.version(now));
}

// Besides each node's kube-proxy: CoreDNS, twice, and the controllers.
constexpr int kOtherServiceWatches = 8;
constexpr int kOtherSliceWatches = 3;

std::string watches_text(const std::string& group, const std::string& resource, int watches) {
  return fmt::format(
      R"(apiserver_longrunning_requests{{component="apiserver",group="{}",resource="{}",)"
      R"(scope="cluster",subresource="",verb="WATCH",version="v1"}} {})"
      "\n",
      group, resource, watches);
}

constexpr const char* kCorefile =
    ".:53 {\n    errors\n    health {\n       lameduck 5s\n    }\n    ready\n"
    "    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n"
    "       fallthrough in-addr.arpa ip6.arpa\n       ttl 30\n    }\n    prometheus :9153\n"
    "    forward . /etc/resolv.conf {\n       max_concurrent 1000\n    }\n    cache 30\n"
    "    loop\n    reload\n    loadbalance\n}\n";

}  // namespace

Answer get_readyz(Call& call) {
  const ControlPlane& asked = call.world.control_planes.at(call.control_plane);
  if (asked.half_read(call.now))
    return {500, "[-]poststarthook/rbac/bootstrap-roles failed: reason withheld\n"};
  return {200, "ok"};
}

Answer get_version(Call& call) {
  const ControlPlane& asked = call.world.control_planes.at(call.control_plane);
  const std::string version = asked.pod("kube-apiserver", call.now).version;
  const size_t dot = version.find('.');
  const std::string minor = version.substr(dot + 1, version.rfind('.') - dot - 1);
  return {200,
          {{"major", version.substr(1, dot - 1)},
           {"minor", minor},
           {"gitVersion", version},
           {"gitCommit", "0000000000000000000000000000000000000000"},
           {"gitTreeState", "clean"},
           {"buildDate", "2026-01-01T00:00:00Z"},
           {"goVersion", "go1.24.0"},
           {"compiler", "gc"},
           {"platform", "linux/amd64"}}};
}

Answer get_metrics(Call& call) {
  const ControlPlane& asked = call.world.control_planes.at(call.control_plane);
  const int proxies = asked.watching_again(static_cast<int>(call.world.nodes.size()), call.now);
  return {200,
          watches_text("", "services", proxies + kOtherServiceWatches) +
              watches_text("discovery.k8s.io", "endpointslices", proxies + kOtherSliceWatches)};
}

Answer get_namespace(Call& call) {
  const std::string& name = call.names["namespace"];
  if (name != kSystem && name != "default" && call.world.terminating_namespaces.count(name) == 0)
    return not_found("namespaces", name);
  return {200, whole(namespace_json(call.world, name), "Namespace", "v1")};
}

Answer get_config_map(Call& call) {
  const std::string& name = call.names["name"];
  if (call.names["namespace"] != kSystem) return get_object(call, "configmaps");
  const ControlPlane& asked = call.world.control_planes.at(call.control_plane);
  // Seen when an API server has just come back: it has not read the roles of its users yet.
  if (asked.half_read(call.now))
    return forbidden("kubernetes-admin", "GET",
                     "/api/v1/namespaces/kube-system/configmaps/" + name);
  json data;
  if (name == "kubeadm-config") {
    data = {{"ClusterConfiguration", cluster_configuration(call.world, call.now)}};
  } else if (name == "coredns") {
    data = {{"Corefile", kCorefile}};
  } else {
    return not_found("configmaps", name);
  }
  return {200, whole(config_map_json(name, data, call.world.born, call.world.revision), "ConfigMap",
                     "v1")};
}

Answer list_nodes(Call& call) {
  std::vector<json> items;
  for (const ClusterNode& node : call.world.nodes) items.push_back(node_json(node));
  return list_of(call, "Node", "v1", std::move(items));
}

Answer get_node(Call& call) {
  const ClusterNode* node = call.world.find_node(call.names["name"]);
  if (node == nullptr) return not_found("nodes", call.names["name"]);
  return {200, whole(node_json(*node), "Node", "v1")};
}

Answer list_pods(Call& call) {
  std::vector<json> items;
  for (const Pod& pod : call.world.pods)
    if (is_asked_for(call, pod.ns)) items.push_back(pod_json(pod));
  return list_of(call, "Pod", "v1", std::move(items));
}

Answer get_pod(Call& call) {
  const Pod* pod = call.world.find_pod(call.names["namespace"], call.names["name"]);
  if (pod == nullptr) return not_found("pods", call.names["name"]);
  return {200, whole(pod_json(*pod), "Pod", "v1")};
}

Answer list_budgets(Call& call) {
  std::vector<json> items;
  for (const Budget& budget : call.world.budgets)
    if (is_asked_for(call, budget.ns)) items.push_back(budget_json(call.world, budget));
  return list_of(call, "PodDisruptionBudget", "policy/v1", std::move(items));
}

Answer list_deployments(Call& call) { return list_workloads(call, Kind::Deployment); }
Answer list_stateful_sets(Call& call) { return list_workloads(call, Kind::StatefulSet); }
Answer list_daemon_sets(Call& call) { return list_workloads(call, Kind::DaemonSet); }

Answer list_replica_sets(Call& call) {
  std::vector<json> items;
  for (const Workload& workload : call.world.workloads)
    if ((workload.kind == Kind::Deployment || workload.kind == Kind::ReplicaSet) &&
        is_asked_for(call, workload.ns))
      items.push_back(replica_set_json(call.world, workload));
  return list_of(call, "ReplicaSet", kApps, std::move(items));
}

Answer get_deployment(Call& call) {
  return get_workload(call, Kind::Deployment, "deployments.apps");
}

Answer get_daemon_set(Call& call) { return get_workload(call, Kind::DaemonSet, "daemonsets.apps"); }

Answer get_stateful_set(Call& call) {
  return get_workload(call, Kind::StatefulSet, "statefulsets.apps");
}

Answer list_replication_controllers(Call& call) {
  return list_of(call, "ReplicationController", "v1", {});
}

// Whatever its name: a claim has the name of its volume here.
Answer get_volume(Call& call) {
  const std::string& name = call.names["name"];
  const World& world = call.world;
  const auto user = std::find_if(world.pods.begin(), world.pods.end(),
                                 [&](const Pod& pod) { return pod.spec.volume == name; });
  const auto attached = [&](const Attachment& one) { return one.volume == name; };
  const bool there = user != world.pods.end() ||
                     std::any_of(world.attachments.begin(), world.attachments.end(), attached);
  if (!there) return not_found("persistentvolumes", name);
  const std::string ns = user == world.pods.end() ? "default" : user->ns;
  return {200, whole(volume_json(world, name, ns), "PersistentVolume", "v1")};
}

Answer list_api_services(Call& call) {
  std::vector<json> items = local_api_services(call.world);
  for (const auto& [name, available] : call.world.api_services) {
    const Answer applied =
        read_applied(call.world, {"apiservices.apiregistration.k8s.io", "", name});
    items.push_back(applied.status == 200 ? applied.body
                                          : api_service_json(call.world, name, available));
  }
  return list_of(call, "APIService", "apiregistration.k8s.io/v1", std::move(items));
}

Answer list_validating_webhooks(Call& call) {
  return list_webhooks(call, "ValidatingWebhookConfiguration");
}

Answer list_mutating_webhooks(Call& call) {
  return list_webhooks(call, "MutatingWebhookConfiguration");
}

Answer list_endpoint_slices(Call& call) {
  std::vector<json> items;
  for (const auto& [service, kind] : call.world.webhooks) {
    const auto [ns, name] = in_two(service);
    if (is_asked_for(call, ns)) items.push_back(endpoint_slice_json(call.world, ns, name));
  }
  return list_of(call, "EndpointSlice", "discovery.k8s.io/v1", std::move(items));
}

Answer list_attachments(Call& call) {
  std::vector<json> items;
  for (const Attachment& one : call.world.attachments) items.push_back(attachment_json(one));
  return list_of(call, "VolumeAttachment", "storage.k8s.io/v1", std::move(items));
}

Answer get_lease(Call& call) {
  const std::string& name = call.names["name"];
  if (name == "drover") return read_lock(call.world);
  if (name == "kube-scheduler" || name == "kube-controller-manager")
    return read_leader(call.world, name, call.now);
  return not_found("leases.coordination.k8s.io", name);
}

Answer get_node_lease(Call& call) {
  return read_node_lease(call.world, call.names["name"], call.now);
}

}  // namespace drover::sandbox
