#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// What a group and version of the API offers.
struct ApiResource {
  std::string kind;  ///< "Deployment"
  std::string name;  ///< as it stands in paths: "deployments"
  bool namespaced = false;
};

/// Of an APIResourceList, without subresources.
Result<std::vector<ApiResource>> parse_api_resources(std::string_view json);

/// What every object says of itself.
struct ObjectIdentity {
  std::string uid;
  std::string resource_version;
  std::string k8s_app;  ///< its label k8s-app; "": none
};
Result<ObjectIdentity> parse_identity(std::string_view json, std::string_view kind);

}  // namespace drover
