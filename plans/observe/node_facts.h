#pragma once

#include <string_view>

#include "inventory/base/command.h"
#include "inventory/base/result.h"
#include "inventory/facts.h"

namespace drover::plans {

/// One pass over a machine: a single read-only command for all that is in NodeFacts apart from what
/// the target's repository offers (PackageManager::offered). In `free`, /var/lib/etcd stands for
/// etcd's data folder, wherever it is. Of source lists no password leaves the node: lines are shown
/// masked.
Command node_facts_command();

/// Reads its output. An Error names what could not be understood.
Result<NodeFacts> parse_node_facts(std::string_view out, const std::string& host);

/// Reads the manifest and admin.conf of a control plane: the texts, framed, in one command.
Command control_plane_files_command();
struct ControlPlaneFiles {
  std::string admin_conf;
  std::string api_server_manifest;
};
Result<ControlPlaneFiles> parse_control_plane_files(std::string_view out);

}  // namespace drover::plans
