#pragma once

#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "inventory/inventory.h"

/// Which object of the cluster a word of the command line means.
namespace drover::plans {

struct ObjectTarget {
  enum class Kind { Node, Pod } kind = Kind::Pod;
  std::string name;            ///< of the Kubernetes object
  std::string ns;              ///< of a pod; "": all namespaces
  const Host* host = nullptr;  ///< of a node; nullptr: it is not in the inventory
};

/// What else on the command line tells nodes from pods.
struct TargetHint {
  bool wants_node = false;
  bool wants_pod = false;
  std::string ns;  ///< of -n; "": not given
};

/// Reads `node/w1`, `pod/web-1`, `NAMESPACE/web-1` or a bare name. A bare name is a node's if the
/// inventory knows it as a host or as its node and nothing speaks for a pod; else a pod's. Usage
/// errors: no name of that kind could be, or the hint says otherwise. Refers to the inventory.
Result<ObjectTarget> object_target(const Inventory& inventory, std::string_view word,
                                   const TargetHint& hint);

/// Whether it could name an object of Kubernetes, so that it means nothing else in a selector.
bool is_object_name(std::string_view name);

}  // namespace drover::plans
