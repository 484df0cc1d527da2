#include "examples/sandbox/api/route.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>
#include <stdexcept>

namespace drover::sandbox {
namespace {

using nlohmann::json;
using Keys = std::vector<std::string>;

const Keys kNone;
const Keys kPages = {"limit", "continue"};
const Keys kOfEvents = {"limit",           "continue",      "fieldSelector",
                        "labelSelector",   "watch",         "allowWatchBookmarks",
                        "resourceVersion", "timeoutSeconds"};
const Keys kLabelled = {"limit", "continue", "labelSelector"};
const Keys kOfLogs = {"container", "timestamps",   "follow",   "previous",
                      "sinceTime", "sinceSeconds", "tailLines"};
const Keys kSelected = {"limit", "continue", "fieldSelector", "labelSelector"};

std::vector<std::string> segments(const std::string& path) {
  std::vector<std::string> parts;
  std::istringstream rest(path);
  for (std::string part; std::getline(rest, part, '/');) parts.push_back(part);
  return parts;
}

/// Path and query of a request, taken apart.
struct Target {
  explicit Target(const std::string& text)
      : path(segments(text.substr(0, text.find('?')))),
        query(text.find('?') == text.npos ? "" : text.substr(text.find('?') + 1)) {}
  std::vector<std::string> path;
  Query query;
};

// Fills `names` if the path is one of the pattern.
bool fits(const std::string& pattern, const std::vector<std::string>& path,
          std::map<std::string, std::string>& names) {
  const std::vector<std::string> wanted = segments(pattern);
  if (wanted.size() != path.size()) return false;
  names.clear();
  for (size_t i = 0; i < path.size(); ++i) {
    if (wanted[i].starts_with('{')) {
      if (path[i].empty()) return false;
      names[wanted[i].substr(1, wanted[i].size() - 2)] = percent_decode(path[i]);
    } else if (wanted[i] != path[i]) {
      return false;
    }
  }
  return true;
}

bool may_have(const Route& route, const Query& query) {
  return std::all_of(query.all().begin(), query.all().end(), [&](const auto& pair) {
    return std::find(route.keys.begin(), route.keys.end(), pair.first) != route.keys.end();
  });
}

Answer unknown(const std::string& verb, std::string& mistake) {
  mistake = "not one of the requests that are known here";
  return refuse(501, "NotImplemented", verb + ": " + mistake);
}

// The body as JSON; what is wrong with it goes into `mistake`.
json read_body(const std::string& verb, const Target& asked, const std::string& content_type,
               const std::string& body, std::string& mistake) {
  if (verb == "GET") {
    if (!body.empty()) mistake = "a GET with a body";
    return nullptr;
  }
  if (verb == "DELETE" && body.empty()) return nullptr;
  const json read = json::parse(body);
  const char* wanted = verb != "PATCH"                   ? "application/json"
                       : asked.query.get("fieldManager") ? "application/apply-patch+yaml"
                       : read.is_array()                 ? "application/json-patch+json"
                                                         : "application/merge-patch+json";
  if (content_type != wanted) {
    mistake = fmt::format("a body of the type \"{}\"", content_type);
    return nullptr;
  }
  return read;
}

std::vector<Route> known_routes() {
  std::vector<Route> all = {
      {"GET", "/readyz", kNone, get_readyz},
      {"GET", "/version", kNone, get_version},
      {"GET", "/metrics", kNone, get_metrics},
      {"GET", "/api/v1/namespaces/{namespace}", kNone, get_namespace},
      {"GET", "/api/v1/namespaces/{namespace}/configmaps/{name}", kNone, get_config_map},
      {"GET", "/api/v1/nodes", kSelected, list_nodes},
      {"GET", "/api/v1/nodes/{name}", kNone, get_node},
      {"PATCH", "/api/v1/nodes/{name}", kNone, patch_node},
      {"GET", "/api/v1/pods", kSelected, list_pods},
      {"GET", "/api/v1/namespaces/{namespace}/pods", kSelected, list_pods},
      {"GET", "/api/v1/namespaces/{namespace}/pods/{name}", kNone, get_pod},
      {"GET", "/api/v1/namespaces/{namespace}/pods/{name}/log", kOfLogs, get_pod_log},
      {"GET", "/api/v1/events", kOfEvents, list_events},
      {"GET", "/api/v1/namespaces/{namespace}/events", kOfEvents, list_events},
      {"DELETE", "/api/v1/namespaces/{namespace}/pods/{name}", kNone, delete_pod},
      {"POST", "/api/v1/namespaces/{namespace}/pods/{name}/eviction", kNone, evict_pod},
      {"GET", "/apis/policy/v1/poddisruptionbudgets", kPages, list_budgets},
      {"GET", "/apis/apps/v1/deployments", kPages, list_deployments},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments", kPages, list_deployments},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}", kNone, get_deployment},
      {"GET", "/api/v1/persistentvolumes/{name}", kNone, get_volume},
      {"GET", "/api/v1/replicationcontrollers", kPages, list_replication_controllers},
      {"GET", "/api/v1/namespaces/{namespace}/replicationcontrollers", kPages,
       list_replication_controllers},
      {"GET", "/apis/apps/v1/replicasets", kPages, list_replica_sets},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/replicasets", kPages, list_replica_sets},
      {"GET", "/apis/apps/v1/statefulsets", kPages, list_stateful_sets},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/statefulsets", kPages, list_stateful_sets},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/statefulsets/{name}", kNone, get_stateful_set},
      {"GET", "/apis/apps/v1/daemonsets", kPages, list_daemon_sets},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/daemonsets/{name}", kNone, get_daemon_set},
      {"GET", "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations", kPages,
       list_validating_webhooks},
      {"GET", "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations", kPages,
       list_mutating_webhooks},
      {"GET", "/apis/apiregistration.k8s.io/v1/apiservices", kPages, list_api_services},
      {"GET", "/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices", kLabelled,
       list_endpoint_slices},
      {"GET", "/apis/metrics.k8s.io/v1beta1/nodes", kLabelled, list_node_metrics},
      {"GET", "/apis/metrics.k8s.io/v1beta1/pods", kLabelled, list_pod_metrics},
      {"GET", "/apis/metrics.k8s.io/v1beta1/namespaces/{namespace}/pods", kLabelled,
       list_pod_metrics},
      {"GET", "/apis/storage.k8s.io/v1/volumeattachments", kPages, list_attachments},
      {"GET", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{name}", kNone,
       get_lease},
      {"GET", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}", kNone,
       get_node_lease},
      {"POST", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases", kNone, create_lease},
      {"PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/{name}", kNone,
       replace_lease},
  };
  for (Route& route : addon_routes()) all.push_back(std::move(route));
  return all;
}

}  // namespace

const std::vector<Route>& routes() {
  static const std::vector<Route> all = known_routes();
  return all;
}

const Route* find_route(const std::string& verb, const std::string& target) {
  const Target asked(target);
  std::map<std::string, std::string> names;
  for (const Route& route : routes()) {
    if (verb == route.verb && fits(route.path, asked.path, names) && may_have(route, asked.query))
      return &route;
  }
  return nullptr;
}

Answer answer(World& world, Moment now, const std::string& control_plane, const std::string& verb,
              const std::string& target, const std::string& content_type, const std::string& body,
              std::string& mistake) try {
  const Route* route = find_route(verb, target);
  if (route == nullptr) return unknown(verb, mistake);
  const Target asked(target);
  json parsed = read_body(verb, asked, content_type, body, mistake);
  if (!mistake.empty()) return refuse(415, "UnsupportedMediaType", mistake);
  Call call{world, now, control_plane, {}, asked.query, std::move(parsed)};
  fits(route->path, asked.path, call.names);
  return route->handle(call);
} catch (const std::invalid_argument& wrong) {
  mistake = wrong.what();
  return bad_request(mistake);
} catch (const json::exception& wrong) {
  mistake = wrong.what();
  return bad_request(mistake);
}

}  // namespace drover::sandbox
