#pragma once

#include <chrono>
#include <string>

namespace drover {

/// A GET of a server that is not the Kubernetes API: a value without its secret.
struct WebRequest {
  std::string url;    ///< http or https, with query, percent-encoded
  std::string token;  ///< where the bearer token is kept, as text_of() a SecretSource; "": none
  std::chrono::seconds timeout{10};

  bool operator==(const WebRequest&) const = default;
};

}  // namespace drover
