#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/condition.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/usage.h"

namespace drover {

struct NodeTaint {
  std::string key;
  std::string value;
  std::string effect;  ///< NoSchedule, PreferNoSchedule, NoExecute
  std::string since;   ///< RFC 3339; "": not said
};

/// A Node as somebody looks at it when something is wrong.
struct NodeDetail {
  Node node;
  std::string created;  ///< RFC 3339
  std::vector<ObjectCondition> conditions;
  std::vector<NodeTaint> taints;
  std::string os;       ///< "Debian GNU/Linux 12 (bookworm)"
  std::string kernel;   ///< its release
  std::string address;  ///< InternalIP, the first one
  Resources allocatable;
  int max_pods = 0;  ///< 0: not said
};

Result<NodeDetail> parse_node_detail(std::string_view json);

}  // namespace drover
