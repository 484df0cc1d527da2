#pragma once

#include <optional>
#include <string>

#include "inventory/inventory.h"
#include "plans/steps/kind.h"

/// What cordon and uncordon share: one object, changed by one patch.
namespace drover::plans {

/// A merge patch of the host's node, as a template.
ApiRequest patch_node(const Host& host, std::string body);

/// GET of the node that the step's `node` names.
Queries look_at_node(const Step& step);

/// What the newest answer to the step's patch calls for while the node does not show its effect:
/// a refusal ends the step, and right after it was sent the node is given a moment. Nothing: send
/// it (again). `what` completes "cannot ...".
std::optional<Decision> after_patch(const Attempt& attempt, const std::string& what);

}  // namespace drover::plans
