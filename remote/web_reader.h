#pragma once

#include <stop_token>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "inventory/base/web_request.h"

namespace drover::remote {

/// GETs of servers other than the Kubernetes API, from this machine. One thread at a time an
/// object.
class WebReader {
 public:
  virtual ~WebReader() = default;
  /// Any HTTP status is an answer; redirects are not followed. Errors: Unreachable, Timeout,
  /// Authentication (TLS, or a token that is not at hand), Cancelled, Api (no HTTP, or too much of
  /// it), File (the URL). None shows a token, nor does the answer (S13).
  virtual Result<ApiResponse> get(const WebRequest& request, std::stop_token stop) = 0;
};

}  // namespace drover::remote
