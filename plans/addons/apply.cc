#include "plans/addons/apply.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace drover::plans {
namespace {

constexpr std::chrono::seconds kTimeout{60};

/// "/apis/apps/v1", "/api/v1".
std::string root_of(const Manifest& manifest) {
  const std::string_view version = manifest.api_version;
  const size_t slash = version.find('/');
  if (slash == version.npos) return "/api/" + percent_encode(version);
  return fmt::format("/apis/{}/{}", percent_encode(version.substr(0, slash)),
                     percent_encode(version.substr(slash + 1)));
}

int rank(const Manifest& manifest) {
  if (manifest.kind == "Namespace") return 0;
  return manifest.kind == "CustomResourceDefinition" ? 1 : 2;
}

}  // namespace

std::vector<Manifest> in_order(std::vector<Manifest> manifests) {
  std::stable_sort(manifests.begin(), manifests.end(),
                   [](const Manifest& a, const Manifest& b) { return rank(a) < rank(b); });
  return manifests;
}

ApiRequest resources_request(const Manifest& manifest) {
  return {.path = root_of(manifest), .timeout = kTimeout};
}

std::string object_path(const Manifest& manifest, const ApiResource& resource,
                        const std::string& ns) {
  const std::string& own = manifest.ns.empty() ? ns : manifest.ns;
  const std::string in =
      resource.namespaced ? fmt::format("/namespaces/{}", percent_encode(own)) : "";
  return fmt::format("{}{}/{}/{}", root_of(manifest), in, resource.name,
                     percent_encode(manifest.name));
}

ApiRequest apply_request(const Manifest& manifest, const std::string& path, bool force) {
  return {
      .verb = Verb::Patch,
      .path = fmt::format("{}?fieldManager={}{}", path, kFieldManager, force ? "&force=true" : ""),
      .body = manifest.text,
      .timeout = kTimeout,
      .apply = true};
}

ApiRequest delete_request(const std::string& path, const std::string& uid) {
  const nlohmann::ordered_json body = {{"kind", "DeleteOptions"},
                                       {"apiVersion", "v1"},
                                       {"propagationPolicy", "Background"},
                                       {"preconditions", {{"uid", uid}}}};
  return {.verb = Verb::Delete,
          .path = path,
          .body = body.dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace),
          .timeout = kTimeout};
}

}  // namespace drover::plans
