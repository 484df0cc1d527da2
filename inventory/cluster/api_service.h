#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// apiregistration.k8s.io/v1 APIService: a group of the API, some of which other servers answer
/// for.
struct ApiService {
  std::string name;  ///< "v1beta1.metrics.k8s.io"
  bool available = false;
  std::string reason;  ///< of the condition Available when it is not True
};

Result<std::vector<ApiService>> parse_api_service_list(std::string_view json);

}  // namespace drover
