#pragma once

#include <optional>
#include <string>

#include "inventory/cluster/node.h"
#include "inventory/inventory.h"
#include "plans/steps/kind.h"

/// What all steps share that change a node object: each change is one patch with resourceVersion.
namespace drover::plans {

/// A patch of the host's node, as a template.
ApiRequest patch_node(const Host& host, std::string body);

/// Operations of a JSON patch as a body: only on the node that was read, by its resourceVersion,
/// and with the operations that are given, each "{...}".
std::string node_operations(const std::vector<std::string>& operations);

/// "remove the pending taint", as an operation; `{taint}` stands for its place in spec.taints.
std::string remove_pending_taint();

/// Parameters of a patch of this node: its resourceVersion, and where its pending taint stands.
Params patch_params(const Node& node);

/// GET of the node that the step's `node` names.
Queries look_at_node(const Step& step);

/// What the newest answer to a patch of `node` calls for while the node, read since, does not show
/// its effect: a refusal ends the step, and right after it was sent the node is given a moment.
/// Nothing: send it (again). `what` completes "cannot ...".
std::optional<Decision> after_patch(const Attempt& attempt, const Node& node,
                                    const std::string& what);

}  // namespace drover::plans
