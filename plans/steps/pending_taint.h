#pragma once

#include <optional>
#include <string>
#include <vector>

#include "inventory/cluster/node.h"
#include "plans/steps/kind.h"
#include "plans/steps/scope.h"

/// The taint drover.local/pending:PreferNoSchedule on workers that wait for their turn: pods that
/// leave one node go, where they can, to nodes that are done already and need not move twice. It is
/// set by cluster/preflight, taken away with the cordon, and from all that still wait when the run
/// ends before them (S10).
namespace drover::plans {

/// Note that cluster/preflight is begun with when only the taint is its matter: "on" sets it again
/// when a run is taken up, "off" takes it away when it ends. The nodes concerned stand in
/// kPendingNodes.
inline constexpr const char* kPendingMode = "pending";
/// Node names with spaces between them; without the note, those of the step's param of this name.
inline constexpr const char* kPendingNodes = "pending_nodes";

/// The requests and the param of the step for these workers.
void add_pending_taint(Step& step, const std::vector<std::string>& workers);

/// What is still to be done about the taint on the nodes concerned, seen just now; nothing when it
/// is as it should be. What is refused for good is told and left: the taint is a help, not a need.
std::optional<Decision> mark_pending(const Step& step, const Attempt& attempt,
                                     const std::vector<Node>& nodes);

}  // namespace drover::plans
