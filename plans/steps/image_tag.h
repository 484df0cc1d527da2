#pragma once

#include <string>
#include <string_view>

namespace drover::plans {

/// The tag of a container image: "v1.34.4" of "registry.k8s.io/kube-proxy:v1.34.4@sha256:...".
/// Empty when the image is named without one.
std::string image_tag(std::string_view image);

}  // namespace drover::plans
