#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "inventory/diagnostic.h"

namespace drover {

/// One object of Kubernetes as a file describes it. Its text is sent as it is: the API server reads
/// YAML as well as JSON, and knows what its fields mean.
struct Manifest {
  std::string api_version;  ///< "apps/v1"
  std::string kind;
  std::string name;
  std::string ns;  ///< "": not said
  std::string text;
  /// Of a CustomResourceDefinition, as "example.com/v1/Thing": each version of its kind.
  std::vector<std::string> defines;
  int line = 1;  ///< of the file, where it begins

  std::string full_name() const;  ///< "Deployment kube-system/metrics-server"
};

/// The documents of a YAML file, in its order; empty ones are left out. All that is wrong is
/// reported at once: what is no YAML, and what does not say which object it is.
std::variant<std::vector<Manifest>, Diagnostics> read_manifests(std::string_view text,
                                                                const std::string& file);

}  // namespace drover
