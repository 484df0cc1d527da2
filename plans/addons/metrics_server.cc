#include "plans/addons/metrics_server.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

namespace drover::plans {
namespace {

using nlohmann::ordered_json;

constexpr const char* kName = "metrics-server";
constexpr const char* kNamespace = "kube-system";
constexpr const char* kRbac = "rbac.authorization.k8s.io";
constexpr const char* kRbacVersion = "rbac.authorization.k8s.io/v1";

struct Release {
  int since_minor;  ///< of Kubernetes 1
  const char* tag;
};

// The newest first: what is known to work with which Kubernetes.
constexpr std::array<Release, 3> kReleases = {{{31, "v0.8.1"}, {27, "v0.7.2"}, {25, "v0.6.4"}}};

ordered_json labels(ordered_json more = ordered_json::object()) {
  more["k8s-app"] = kName;
  return more;
}

ordered_json object(const char* version, const char* kind, const std::string& name,
                    const char* ns = nullptr) {
  ordered_json json = {{"apiVersion", version}, {"kind", kind}};
  json["metadata"]["name"] = name;
  if (ns != nullptr) json["metadata"]["namespace"] = ns;
  json["metadata"]["labels"] = labels();
  return json;
}

ordered_json rule(const char* group, ordered_json resources, ordered_json verbs) {
  return {{"apiGroups", ordered_json::array({group})},
          {"resources", std::move(resources)},
          {"verbs", std::move(verbs)}};
}

ordered_json binding(const char* kind, const std::string& name, const char* ns,
                     const char* role_kind, const char* role) {
  ordered_json json = object(kRbacVersion, kind, name, ns);
  json["roleRef"] = {{"apiGroup", kRbac}, {"kind", role_kind}, {"name", role}};
  json["subjects"] = ordered_json::array(
      {{{"kind", "ServiceAccount"}, {"name", kName}, {"namespace", kNamespace}}});
  return json;
}

std::vector<ordered_json> access() {
  std::vector<ordered_json> all;
  all.push_back(object("v1", "ServiceAccount", kName, kNamespace));
  ordered_json reader = object(kRbacVersion, "ClusterRole", "system:aggregated-metrics-reader");
  for (const char* role : {"view", "edit", "admin"}) {
    reader["metadata"]["labels"][fmt::format("rbac.authorization.k8s.io/aggregate-to-{}", role)] =
        "true";
  }
  reader["rules"] =
      ordered_json::array({rule("metrics.k8s.io", {"pods", "nodes"}, {"get", "list", "watch"})});
  all.push_back(std::move(reader));
  ordered_json own = object(kRbacVersion, "ClusterRole", "system:metrics-server");
  own["rules"] = ordered_json::array(
      {rule("", ordered_json::array({"nodes/metrics"}), ordered_json::array({"get"})),
       rule("", {"pods", "nodes"}, {"get", "list", "watch"})});
  all.push_back(std::move(own));
  all.push_back(binding("RoleBinding", "metrics-server-auth-reader", kNamespace, "Role",
                        "extension-apiserver-authentication-reader"));
  all.push_back(binding("ClusterRoleBinding", "metrics-server:system:auth-delegator", nullptr,
                        "ClusterRole", "system:auth-delegator"));
  all.push_back(binding("ClusterRoleBinding", "system:metrics-server", nullptr, "ClusterRole",
                        "system:metrics-server"));
  return all;
}

ordered_json service() {
  ordered_json json = object("v1", "Service", kName, kNamespace);
  json["spec"] = {{"selector", {{"k8s-app", kName}}},
                  {"ports", ordered_json::array({{{"name", "https"},
                                                  {"port", 443},
                                                  {"protocol", "TCP"},
                                                  {"appProtocol", "https"},
                                                  {"targetPort", "https"}}})}};
  return json;
}

ordered_json probe(const char* path, ordered_json timing) {
  timing["httpGet"] = {{"path", path}, {"port", "https"}, {"scheme", "HTTPS"}};
  return timing;
}

ordered_json container(const MetricsServerOptions& options) {
  ordered_json arguments = {"--cert-dir=/tmp", "--secure-port=10250",
                            "--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
                            "--kubelet-use-node-status-port", "--metric-resolution=15s"};
  if (options.kubelet_insecure_tls) arguments.push_back("--kubelet-insecure-tls");
  return {{"name", kName},
          {"image", options.image},
          {"imagePullPolicy", "IfNotPresent"},
          {"args", std::move(arguments)},
          {"resources", {{"requests", {{"cpu", "100m"}, {"memory", "200Mi"}}}}},
          {"ports", ordered_json::array(
                        {{{"name", "https"}, {"containerPort", 10250}, {"protocol", "TCP"}}})},
          {"readinessProbe",
           probe("/readyz",
                 {{"initialDelaySeconds", 20}, {"periodSeconds", 10}, {"failureThreshold", 3}})},
          {"livenessProbe", probe("/livez", {{"periodSeconds", 10}, {"failureThreshold", 3}})},
          {"securityContext",
           {{"allowPrivilegeEscalation", false},
            {"readOnlyRootFilesystem", true},
            {"runAsNonRoot", true},
            {"runAsUser", 1000},
            {"capabilities", {{"drop", ordered_json::array({"ALL"})}}},
            {"seccompProfile", {{"type", "RuntimeDefault"}}}}},
          {"volumeMounts", ordered_json::array({{{"name", "tmp-dir"}, {"mountPath", "/tmp"}}})}};
}

ordered_json deployment(const MetricsServerOptions& options) {
  ordered_json json = object("apps/v1", "Deployment", kName, kNamespace);
  ordered_json pod = {
      {"serviceAccountName", kName},
      {"priorityClassName", "system-cluster-critical"},
      {"nodeSelector", {{"kubernetes.io/os", "linux"}}},
      {"containers", ordered_json::array({container(options)})},
      {"volumes",
       ordered_json::array({{{"name", "tmp-dir"}, {"emptyDir", ordered_json::object()}}})}};
  json["spec"] = {{"selector", {{"matchLabels", {{"k8s-app", kName}}}}},
                  {"strategy", {{"rollingUpdate", {{"maxUnavailable", 0}}}}},
                  {"template", {{"metadata", {{"labels", labels()}}}, {"spec", std::move(pod)}}}};
  return json;
}

ordered_json api_service() {
  ordered_json json = object("apiregistration.k8s.io/v1", "APIService", "v1beta1.metrics.k8s.io");
  json["spec"] = {{"service", {{"name", kName}, {"namespace", kNamespace}}},
                  {"group", "metrics.k8s.io"},
                  {"version", "v1beta1"},
                  {"insecureSkipTLSVerify", true},
                  {"groupPriorityMinimum", 100},
                  {"versionPriority", 100}};
  return json;
}

Manifest manifest_of(const ordered_json& json) {
  const ordered_json& metadata = json["metadata"];
  return {.api_version = json["apiVersion"],
          .kind = json["kind"],
          .name = metadata["name"],
          .ns = metadata.value("namespace", ""),
          .text = json.dump(-1, ' ', true, ordered_json::error_handler_t::replace)};
}

}  // namespace

std::vector<Manifest> metrics_server_objects(const MetricsServerOptions& options) {
  std::vector<ordered_json> all = access();
  all.push_back(service());
  all.push_back(deployment(options));
  all.push_back(api_service());
  std::vector<Manifest> manifests;
  for (const ordered_json& json : all) manifests.push_back(manifest_of(json));
  return manifests;
}

Result<std::string> metrics_server_image(KubeVersion cluster, const std::string& registry) {
  const auto* fits = std::find_if(kReleases.begin(), kReleases.end(), [&](const Release& each) {
    return cluster.major == 1 && cluster.minor >= each.since_minor;
  });
  if (fits == kReleases.end())
    return Error{.kind = ErrorKind::Refused,
                 .message = fmt::format("no metrics-server is known to work with Kubernetes {}",
                                        cluster.str()),
                 .remedy = "name one: --image registry.k8s.io/metrics-server/metrics-server:TAG"};
  return fmt::format("{}/metrics-server/metrics-server:{}",
                     registry.empty() ? "registry.k8s.io" : registry, fits->tag);
}

std::string MetricsServerState::missing() const {
  if (forbidden) return no_figures;
  if (!deployment) return "there is no Deployment kube-system/metrics-server";
  if (!deployment->rolled_out())
    return fmt::format("its Deployment has {} of {} pods available", deployment->available,
                       deployment->wanted);
  if (!service) return "the APIService v1beta1.metrics.k8s.io is missing";
  if (!service->available)
    return fmt::format("its APIService is not available: {}", service->reason);
  if (!no_figures.empty()) return no_figures;
  if (nodes.empty()) return "no node is ready";
  if (measured.empty()) return "it has measured no node yet";
  if (measured_nodes() < nodes.size())
    return fmt::format("it has measured {} of {} nodes", measured_nodes(), nodes.size());
  return "";
}

size_t MetricsServerState::measured_nodes() const {
  return static_cast<size_t>(
      std::count_if(nodes.begin(), nodes.end(), [this](const std::string& node) {
        return std::any_of(measured.begin(), measured.end(),
                           [&](const NodeUsage& each) { return each.name == node; });
      }));
}

}  // namespace drover::plans
