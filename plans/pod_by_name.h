#pragma once

#include <string>
#include <vector>

#include "inventory/base/api_request.h"
#include "inventory/base/result.h"
#include "inventory/cluster/pod_detail.h"

/// A pod that somebody names without being asked to know its namespace.
namespace drover::plans {

struct PodName {
  std::string name;
  std::string ns;  ///< "": whichever has it
};

ApiRequest find_pod(const PodName& pod);

/// Refused unless exactly one was found: says where it was looked for, or which namespaces have
/// one.
Status is_one_pod(const PodName& pod, const std::vector<PodDetail>& found);

/// "in namespace shop", "in any namespace".
std::string where_looked(const std::string& ns);

}  // namespace drover::plans
