#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "inventory/base/result.h"

namespace drover {

/// annotation by which Drover recognises its own cordon (S10)
inline constexpr std::string_view kCordonAnnotation = "drover.local/cordon";

/// core/v1 Node, as far as Drover reads it.
struct Node {
  std::string name;
  std::string uid;
  std::string resource_version;
  std::map<std::string, std::string> labels;
  std::map<std::string, std::string> annotations;
  bool unschedulable = false;
  bool ready = false;             ///< condition Ready is True
  std::string ready_reason;       ///< reason and message of the Ready condition when it is not True
  std::string kubelet_version;    ///< "v1.33.13"
  std::string container_runtime;  ///< "containerd://1.6.20"
  std::string boot_id;

  bool is_control_plane() const;  ///< label node-role.kubernetes.io/control-plane
};

Result<Node> parse_node(std::string_view json);
Result<std::vector<Node>> parse_node_list(std::string_view json);

}  // namespace drover
