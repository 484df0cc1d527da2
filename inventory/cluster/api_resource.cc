#include "inventory/cluster/api_resource.h"

#include "inventory/cluster/json.h"

namespace drover {

Result<std::vector<ApiResource>> parse_api_resources(std::string_view json) {
  DROVER_TRY_ASSIGN(const JsonValue whole, parse_json(json, "APIResourceList"));
  std::string problem;
  const JsonField list(&whole, "", &problem);
  std::vector<ApiResource> resources;
  for (const JsonField& item : list["resources"].items()) {
    ApiResource resource{item["kind"].text(), item["name"].text(), item["namespaced"].flag()};
    if (resource.name.find('/') == resource.name.npos) resources.push_back(std::move(resource));
  }
  if (problem.empty()) return resources;
  return Error{.kind = ErrorKind::Api, .message = "APIResourceList: " + problem};
}

Result<ObjectIdentity> parse_identity(std::string_view json, std::string_view kind) {
  return parse_object(json, kind, [](const JsonField& object) {
    const JsonField metadata = object["metadata"];
    return ObjectIdentity{metadata["uid"].text(), metadata["resourceVersion"].text(),
                          metadata["labels"]["k8s-app"].text()};
  });
}

}  // namespace drover
