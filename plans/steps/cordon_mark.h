#pragma once

#include <optional>
#include <string>

#include "inventory/cluster/node.h"

namespace drover::plans {

/// Drover's cordon annotation on a node (S10).
struct CordonMark {
  std::string run;           ///< "?": it does not say which, so that it is never taken for ours
  std::string purpose = {};  ///< "node drain": the command that it was made by; "": an upgrade
};

/// Nothing without the annotation.
std::optional<CordonMark> cordon_mark(const Node& node);

/// The run of the mark; empty without one.
std::string cordoned_by_run(const Node& node);

}  // namespace drover::plans
