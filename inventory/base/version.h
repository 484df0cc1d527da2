#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "inventory/base/result.h"

namespace drover {

/// A released Kubernetes version, MAJOR.MINOR.PATCH. Pre-releases are not upgrade targets here.
struct KubeVersion {
  int major = 0;
  int minor = 0;
  int patch = 0;

  auto operator<=>(const KubeVersion&) const = default;

  std::string str() const;        ///< "1.34.4"
  std::string tag() const;        ///< "v1.34.4"
  std::string minor_str() const;  ///< "1.34"
};

/// Reads "1.34.4" or "v1.34.4"; anything else is a File error that says what is expected.
Result<KubeVersion> parse_kube_version(std::string_view text);

/// Reads the version out of a package revision such as "1.34.4-1.1".
Result<KubeVersion> version_of_revision(std::string_view revision);

}  // namespace drover
