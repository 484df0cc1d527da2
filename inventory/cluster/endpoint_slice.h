#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// discovery.k8s.io/v1 EndpointSlice: a part of what stands behind a service.
struct EndpointSlice {
  std::string ns;
  std::string name;
  int ready = 0;  ///< endpoints that take traffic
};

Result<std::vector<EndpointSlice>> parse_endpoint_slice_list(std::string_view json);

}  // namespace drover
