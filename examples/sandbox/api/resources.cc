#include <fmt/format.h>

#include <array>
#include <sstream>

#include "examples/sandbox/api/route.h"

// The kinds of the groups that Drover asks for, as Kubernetes 1.33 lists them.
namespace drover::sandbox {
namespace {

using nlohmann::json;

struct Group {
  const char* version;
  const char* resources;  ///< "NAME KIND", and " *" behind one that lies in no namespace
};

constexpr std::array kGroups = {
    Group{"v1",
          "bindings Binding\n"
          "componentstatuses ComponentStatus *\n"
          "configmaps ConfigMap\n"
          "endpoints Endpoints\n"
          "events Event\n"
          "limitranges LimitRange\n"
          "namespaces Namespace *\n"
          "namespaces/finalize Namespace *\n"
          "namespaces/status Namespace *\n"
          "nodes Node *\n"
          "nodes/proxy NodeProxyOptions *\n"
          "nodes/status Node *\n"
          "persistentvolumeclaims PersistentVolumeClaim\n"
          "persistentvolumeclaims/status PersistentVolumeClaim\n"
          "persistentvolumes PersistentVolume *\n"
          "persistentvolumes/status PersistentVolume *\n"
          "pods Pod\n"
          "pods/attach PodAttachOptions\n"
          "pods/binding Binding\n"
          "pods/ephemeralcontainers Pod\n"
          "pods/eviction Eviction\n"
          "pods/exec PodExecOptions\n"
          "pods/log Pod\n"
          "pods/portforward PodPortForwardOptions\n"
          "pods/proxy PodProxyOptions\n"
          "pods/resize Pod\n"
          "pods/status Pod\n"
          "podtemplates PodTemplate\n"
          "replicationcontrollers ReplicationController\n"
          "replicationcontrollers/scale Scale\n"
          "replicationcontrollers/status ReplicationController\n"
          "resourcequotas ResourceQuota\n"
          "resourcequotas/status ResourceQuota\n"
          "secrets Secret\n"
          "serviceaccounts ServiceAccount\n"
          "serviceaccounts/token TokenRequest\n"
          "services Service\n"
          "services/proxy ServiceProxyOptions\n"
          "services/status Service\n"},
    Group{"apps/v1",
          "controllerrevisions ControllerRevision\n"
          "daemonsets DaemonSet\n"
          "daemonsets/status DaemonSet\n"
          "deployments Deployment\n"
          "deployments/scale Scale\n"
          "deployments/status Deployment\n"
          "replicasets ReplicaSet\n"
          "replicasets/scale Scale\n"
          "replicasets/status ReplicaSet\n"
          "statefulsets StatefulSet\n"
          "statefulsets/scale Scale\n"
          "statefulsets/status StatefulSet\n"},
    Group{"rbac.authorization.k8s.io/v1",
          "clusterrolebindings ClusterRoleBinding *\n"
          "clusterroles ClusterRole *\n"
          "rolebindings RoleBinding\n"
          "roles Role\n"},
    Group{"apiregistration.k8s.io/v1",
          "apiservices APIService *\n"
          "apiservices/status APIService *\n"},
};

json list_of(const Group& group) {
  json resources = json::array();
  std::istringstream lines(group.resources);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string name;
    std::string kind;
    std::string mark;
    words >> name >> kind >> mark;
    resources.push_back({{"name", name}, {"kind", kind}, {"namespaced", mark.empty()}});
  }
  json list = {{"kind", "APIResourceList"},
               {"groupVersion", group.version},
               {"resources", std::move(resources)}};
  if (std::string(group.version) != "v1") list["apiVersion"] = "v1";  // so it is
  return list;
}

}  // namespace

Answer get_resources(Call& call) {
  const std::string version =
      call.names.count("group") == 0 ? "v1" : call.names["group"] + '/' + call.names["version"];
  for (const Group& group : kGroups) {
    if (group.version == version) return {200, list_of(group)};
  }
  return {404, "404 page not found\n"};
}

}  // namespace drover::sandbox
