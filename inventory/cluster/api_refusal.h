#pragma once

#include <string>
#include <string_view>

#include "inventory/base/api_request.h"
#include "inventory/base/error.h"

namespace drover {

/// What a request asks of RBAC, as a rule of a Role names it.
struct AccessRule {
  std::string verb;      ///< get, list, watch, create, update, patch, delete
  std::string group;     ///< "": the core group
  std::string resource;  ///< with its subresource: "pods/log"
  std::string ns;        ///< "": cluster-wide
};

/// Of a path that names no resource, `/version` for instance, only the verb is known.
AccessRule access_rule(Verb verb, std::string_view path);

/// As the refusal() of api_status.h, by what was asked; the remedy of a 403 is the rule that is
/// missing.
Error refusal(const ApiRequest& request, const ApiResponse& answer);

}  // namespace drover
