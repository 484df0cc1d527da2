#include "orchestrator/gather.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "inventory/cluster/api_status.h"
#include "plans/observe/node_facts.h"
#include "plans/packages/package_manager.h"

namespace drover::orchestrator {
namespace {

Error command_error(const Host& host, const std::string& what, const CommandResult& result) {
  return {.kind = ErrorKind::Command,
          .message = fmt::format("{} ({}): {} failed: {}", host.name, host.address, what,
                                 sanitise(trim(result.err.empty() ? result.out : result.err))),
          .host = host.name,
          .detail = result.err};
}

/// What keeps the API server from being ready; nothing when it is, or when we may not know that
/// either.
std::optional<std::string> not_ready(remote::ApiReader& api, std::stop_token stop) {
  const auto answer = api.get({.path = "/readyz", .timeout = std::chrono::seconds(5)}, stop);
  if (!answer) return answer.error().message;
  if (answer->status < 500) return std::nullopt;
  return fmt::format("HTTP {}", answer->status);
}

/// An API server that has just started does not know yet what its users may do, and refuses who is
/// served a moment later (observed.md, trap 1).
Error refused(remote::ApiReader& api, const std::string& path, const ApiResponse& answer,
              std::stop_token stop) {
  Error error = refusal("GET " + path, answer,
                        "admin.conf of the control plane, or the user of api.kubeconfig, must be "
                        "allowed to read it");
  if (answer.status != 403) return error;
  if (const auto why = not_ready(api, stop)) {
    error.kind = ErrorKind::Unreachable;
    error.remedy = fmt::format(
        "the API server is not ready (/readyz: {}), and may refuse now whom it serves later; "
        "try again in some seconds",
        sanitise(*why, 120));
  }
  return error;
}

Result<std::string> get(remote::ApiReader& api, const std::string& path, std::stop_token stop) {
  constexpr auto kListTimeout = std::chrono::seconds(60);
  DROVER_TRY_ASSIGN(ApiResponse answer, api.get({.path = path, .timeout = kListTimeout}, stop));
  if (answer.ok()) return std::move(answer.body);
  return refused(api, path, answer, stop);
}

/// The string at a JSON pointer, or an Api error.
Result<std::string> string_at(const std::string& body, const std::string& pointer,
                              const std::string& path) {
  const auto parsed = nlohmann::json::parse(body, nullptr, false);
  const nlohmann::json::json_pointer at(pointer);
  if (!parsed.is_object() || !parsed.contains(at) || !parsed.at(at).is_string()) {
    return Error{.kind = ErrorKind::Api,
                 .message = fmt::format("GET {}: no {} in the answer", path, pointer)};
  }
  return parsed.at(at).get<std::string>();
}

Status read_workloads(remote::ApiReader& api, ClusterFacts& facts, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const std::string sets, get(api, "/apis/apps/v1/daemonsets", stop));
  DROVER_TRY_ASSIGN(facts.workloads, parse_workload_list(sets, "DaemonSet"));
  DROVER_TRY_ASSIGN(const std::string deployments,
                    get(api, "/apis/apps/v1/namespaces/kube-system/deployments", stop));
  DROVER_TRY_ASSIGN(const std::vector<Workload> more,
                    parse_workload_list(deployments, "Deployment"));
  facts.workloads.insert(facts.workloads.end(), more.begin(), more.end());
  return {};
}

Status read_replicas(remote::ApiReader& api, ClusterFacts& facts, std::stop_token stop) {
  for (const char* kind : {"ReplicaSet", "StatefulSet", "ReplicationController"}) {
    DROVER_TRY_ASSIGN(const std::string body, get(api, replicas_path(kind), stop));
    DROVER_TRY_ASSIGN(const std::vector<Replicas> found, parse_replicas_list(body, kind));
    facts.replicas.insert(facts.replicas.end(), found.begin(), found.end());
  }
  return {};
}

Status read_lock(remote::ApiReader& api, std::optional<Lease>& lock, std::stop_token stop) {
  const std::string path = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/drover";
  DROVER_TRY_ASSIGN(const ApiResponse answer, api.get({.path = path}, stop));
  if (answer.status == 404) return {};
  if (!answer.ok()) return refused(api, path, answer, stop);
  DROVER_TRY_ASSIGN(lock, parse_lease(answer.body));
  return {};
}

}  // namespace

Result<NodeFacts> gather_machine(const Host& host, remote::NodeReader& node, std::stop_token stop) {
  DROVER_TRY_ASSIGN(const CommandResult seen, node.read(plans::node_facts_command(), stop));
  if (!seen.ok()) return command_error(host, "looking at the machine", seen);
  return plans::parse_node_facts(seen.out, host.name);
}

Result<NodeFacts> gather_node(const Host& host, const Target& target, remote::NodeReader& node,
                              std::stop_token stop) {
  DROVER_TRY_ASSIGN(NodeFacts facts, gather_machine(host, node, stop));
  const plans::PackageManager* manager = plans::find_package_manager(facts.package_manager);
  if (manager == nullptr || facts.repository.empty()) return facts;
  DROVER_TRY_ASSIGN(const CommandResult offered,
                    node.read(manager->offered(facts.repository, target.minor), stop));
  if (!offered.ok()) {
    facts.offered_error = trim(offered.err.empty() ? offered.out : offered.err);
    return facts;
  }
  DROVER_TRY_ASSIGN(facts.offered, plans::parse_offered(offered.out));
  return facts;
}

Result<ClusterIdentity> gather_identity(remote::ApiReader& api, std::stop_token stop) {
  ClusterIdentity identity;
  DROVER_TRY(read_lock(api, identity.lock, stop));
  const std::string path = "/api/v1/namespaces/kube-system";
  DROVER_TRY_ASSIGN(const std::string body, get(api, path, stop));
  DROVER_TRY_ASSIGN(identity.uid, string_at(body, "/metadata/uid", path));
  return identity;
}

Status gather_kubeadm_config(remote::ApiReader& api, ClusterFacts& facts, std::stop_token stop) {
  const std::string path = "/api/v1/namespaces/kube-system/configmaps/kubeadm-config";
  DROVER_TRY_ASSIGN(const std::string body, get(api, path, stop));
  DROVER_TRY_ASSIGN(const ConfigMap map, parse_config_map(body));
  const auto text = map.data.find("ClusterConfiguration");
  if (text == map.data.end()) {
    return Error{.kind = ErrorKind::Api,
                 .message = "kube-system/kubeadm-config has no ClusterConfiguration",
                 .remedy = "only clusters made by kubeadm are served"};
  }
  DROVER_TRY_ASSIGN(facts.kubeadm, parse_kubeadm_config(text->second));
  facts.kubeadm_config = text->second;
  facts.kubeadm_config_sha256 = sha256_hex(text->second);
  return {};
}

Result<ClusterFacts> gather_nodes(remote::ApiReader& api, std::stop_token stop) {
  ClusterFacts facts;
  DROVER_TRY_ASSIGN(ClusterIdentity identity, gather_identity(api, stop));
  facts.uid = std::move(identity.uid);
  facts.lock = std::move(identity.lock);
  DROVER_TRY_ASSIGN(const std::string nodes, get(api, "/api/v1/nodes", stop));
  DROVER_TRY_ASSIGN(facts.nodes, parse_node_list(nodes));
  std::sort(facts.nodes.begin(), facts.nodes.end(),
            [](const Node& a, const Node& b) { return a.name < b.name; });
  return facts;
}

Result<ClusterFacts> gather_cluster(remote::ApiReader& api, std::stop_token stop) {
  DROVER_TRY_ASSIGN(ClusterFacts facts, gather_nodes(api, stop));
  DROVER_TRY_ASSIGN(const std::string version, get(api, "/version", stop));
  DROVER_TRY_ASSIGN(facts.server_version, string_at(version, "/gitVersion", "/version"));
  DROVER_TRY_ASSIGN(const std::string pods, get(api, "/api/v1/pods", stop));
  DROVER_TRY_ASSIGN(facts.pods, parse_pod_list(pods));
  DROVER_TRY_ASSIGN(const std::string budgets,
                    get(api, "/apis/policy/v1/poddisruptionbudgets", stop));
  DROVER_TRY_ASSIGN(facts.budgets, parse_pdb_list(budgets));
  DROVER_TRY(read_workloads(api, facts, stop));
  DROVER_TRY(read_replicas(api, facts, stop));
  DROVER_TRY(gather_kubeadm_config(api, facts, stop));
  return facts;
}

}  // namespace drover::orchestrator
