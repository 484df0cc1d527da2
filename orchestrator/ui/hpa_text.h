#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/autoscaler.h"
#include "orchestrator/ui/list_view.h"
#include "plans/hpa/decision.h"
#include "plans/hpa/drain_fit.h"

namespace drover::orchestrator {

/// What an autoscaler cannot do, or is kept from, stands in a column of its own. Ages are those at
/// `now`.
ListView<Autoscaler> autoscaler_list(plans::Timestamp now);
/// One of a watch, `change` being "seen" or "deleted": how it is, on one line that begins with the
/// time, or a document of the kind Autoscaler for programs.
std::string autoscaler_text(const Autoscaler& hpa, std::string_view change, plans::Timestamp now,
                            const ListStyle& style);
/// One line `{"v":1,"kind":"Autoscaler",...}`, `change` being "deleted" or "created".
std::string autoscaler_json(const std::string& cluster, const Autoscaler& hpa,
                            std::string_view change);

/// "cpu: 71%/60%, memory: <unknown>/512Mi": measured, and what it shall be.
std::string targets_text(const Autoscaler& hpa);

/// What `hpa explain` shows.
struct ScaleExplanation {
  plans::ScaleSituation situation;
  plans::ScaleDecision decision;
  std::vector<plans::DrainFit> fits;
};

/// The arithmetic of each metric, the rules one after the other, and what becomes of it; then
/// whether the pods of each node can be spared.
std::string explanation_text(const ScaleExplanation& explanation, bool color);
/// One line `{"v":1,"kind":"AutoscalerExplanation",...}`.
std::string explanation_json(const std::string& cluster, const ScaleExplanation& explanation);

}  // namespace drover::orchestrator
