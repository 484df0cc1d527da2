#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// coordination.k8s.io/v1 Lease.
struct Lease {
  std::string ns;
  std::string name;
  std::string resource_version;
  std::string holder;      ///< empty: free
  std::string renew_time;  ///< MicroTime as the server prints it; empty when absent
  std::string acquire_time;
  int duration_seconds = 0;
  int transitions = 0;
};

Result<Lease> parse_lease(std::string_view json);
Result<std::vector<Lease>> parse_lease_list(std::string_view json);

}  // namespace drover
