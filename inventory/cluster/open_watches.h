#pragma once

#include <optional>
#include <string_view>

namespace drover {

/// How many watches of `resource` ("services") an API server has open, by its own `/metrics`: the
/// gauge apiserver_longrunning_requests, which Kubernetes keeps stable
/// (kubernetes.io/docs/reference/instrumentation/metrics). Nothing when it does not say.
std::optional<int> open_watches(std::string_view metrics, std::string_view resource);

}  // namespace drover
