#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"
#include "inventory/cluster/json.h"

namespace drover {

/// annotation by which Drover recognises its own cordon (S10)
inline constexpr std::string_view kCordonAnnotation = "drover.local/cordon";

/// Taint on nodes that wait for their turn, so that pods which move prefer others (S10).
inline constexpr std::string_view kPendingTaint = "drover.local/pending";

/// core/v1 Node, as far as Drover reads it.
struct Node {
  std::string name;
  std::string uid;
  std::string resource_version;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  bool unschedulable = false;
  std::vector<std::string> taints;  ///< keys of spec.taints, in its order
  bool ready = false;               ///< condition Ready is True
  std::string ready_reason;  ///< reason and message of the Ready condition when it is not True
  bool network_unavailable = false;  ///< condition NetworkUnavailable is True: the CNI has no route
  std::string kubelet_version;       ///< "v1.33.13"
  std::string container_runtime;     ///< "containerd://1.6.20"
  std::string boot_id;

  /// Where Drover's pending taint stands in spec.taints; nothing without it.
  std::optional<size_t> pending_taint() const;
  bool is_control_plane() const;  ///< label node-role.kubernetes.io/control-plane
};

Node read_node(const JsonField& object);
Result<Node> parse_node(std::string_view json);
Result<std::vector<Node>> parse_node_list(std::string_view json);

}  // namespace drover
