#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/error.h"

namespace drover {

/// metav1.Status of a refused request, read tolerantly: a load balancer's HTML or plain text leaves
/// the fields empty and the first bytes in `message` (domain.md §11.3).
struct ApiStatus {
  int code = 0;
  std::string reason;  ///< NotFound, Conflict, TooManyRequests, ...
  std::string message;
  struct Cause {
    std::string reason;  ///< DisruptionBudget, NamespaceTerminating, ...
    std::string message;
  };
  std::vector<Cause> causes;

  bool has_cause(std::string_view cause) const;
};

ApiStatus read_api_status(const ApiResponse& response);

/// A refusal that nobody foresaw, as an error: `what` and the server's own words. Unreachable when
/// the server has troubles of its own (429, 5xx), which pass as those of the way to it do; else
/// Api. `allow`: the remedy of a 403.
Error refusal(const std::string& what, const ApiResponse& answer, const std::string& allow);

}  // namespace drover
