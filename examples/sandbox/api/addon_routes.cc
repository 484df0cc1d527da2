#include <algorithm>
#include <array>

#include "examples/sandbox/api/route.h"

namespace drover::sandbox {
namespace {

/// The name of a resource as a template's argument.
struct Resource {
  template <size_t size>
  consteval Resource(const char (&given)[size]) {
    static_assert(size <= 64);
    std::copy_n(given, size, text.begin());
  }
  std::array<char, 64> text{};
};

const std::vector<std::string> kNone;

template <Resource resource>
Route get(const char* path) {
  return {"GET", path, kNone, [](Call& call) { return get_object(call, resource.text.data()); }};
}

template <Resource resource>
Route apply(const char* path) {
  return {"PATCH", path, {"fieldManager", "force"}, [](Call& call) {
            return apply_object(call, resource.text.data());
          }};
}

template <Resource resource>
Route remove(const char* path) {
  return {"DELETE", path, kNone,
          [](Call& call) { return delete_object(call, resource.text.data()); }};
}

template <Resource resource>
void add_kind(std::vector<Route>& routes, const char* path) {
  routes.push_back(get<resource>(path));
  routes.push_back(apply<resource>(path));
  routes.push_back(remove<resource>(path));
}

}  // namespace

std::vector<Route> addon_routes() {
  constexpr const char* kHpas =
      "/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers";
  constexpr const char* kHpa =
      "/apis/autoscaling/v2/namespaces/{namespace}/horizontalpodautoscalers/{name}";
  constexpr const char* kConfigMap = "/api/v1/namespaces/{namespace}/configmaps/{name}";
  constexpr const char* kDeployment = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
  std::vector<Route> routes = {
      {"GET", "/api/v1", kNone, get_resources},
      {"GET", "/apis/{group}/{version}", kNone, get_resources},
      {"GET",
       "/apis/autoscaling/v2/horizontalpodautoscalers",
       {"limit", "continue", "fieldSelector", "labelSelector"},
       list_autoscalers},
      {"GET", kHpas, {"limit", "continue", "fieldSelector", "labelSelector"}, list_autoscalers},
      {"POST", kHpas, kNone, create_autoscaler},
      {"GET", kHpa, kNone, get_autoscaler},
      {"DELETE", kHpa, kNone, delete_autoscaler},
      {"GET", "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale", kNone, get_scale},
      {"GET",
       "/apis/policy/v1/namespaces/{namespace}/poddisruptionbudgets",
       {"limit", "continue"},
       list_budgets},
      // Reading these two is a matter of reads.cc.
      apply<"configmaps">(kConfigMap),
      remove<"configmaps">(kConfigMap),
      apply<"deployments.apps">(kDeployment),
      remove<"deployments.apps">(kDeployment)};
  add_kind<"serviceaccounts">(routes, "/api/v1/namespaces/{namespace}/serviceaccounts/{name}");
  add_kind<"services">(routes, "/api/v1/namespaces/{namespace}/services/{name}");
  add_kind<"clusterroles.rbac.authorization.k8s.io">(
      routes, "/apis/rbac.authorization.k8s.io/v1/clusterroles/{name}");
  add_kind<"clusterrolebindings.rbac.authorization.k8s.io">(
      routes, "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/{name}");
  add_kind<"rolebindings.rbac.authorization.k8s.io">(
      routes, "/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}/rolebindings/{name}");
  add_kind<"apiservices.apiregistration.k8s.io">(
      routes, "/apis/apiregistration.k8s.io/v1/apiservices/{name}");
  return routes;
}

}  // namespace drover::sandbox
