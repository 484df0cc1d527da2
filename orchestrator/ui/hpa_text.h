#pragma once

#include <string>
#include <vector>

#include "inventory/cluster/autoscaler.h"
#include "plans/hpa/decision.h"
#include "plans/hpa/drain_fit.h"

namespace drover::orchestrator {

/// A table; what an autoscaler cannot do, or is kept from, in a column of its own.
std::string autoscalers_text(const std::vector<Autoscaler>& list, plans::Timestamp now, bool color);
/// How one is now, on one line that begins with the time.
std::string autoscaler_line(const Autoscaler& hpa, plans::Timestamp now, bool color);
/// One line `{"v":1,"kind":"Autoscalers",...}`.
std::string autoscalers_json(const std::string& cluster, const std::vector<Autoscaler>& list);
/// The same of one, `change` being "seen", "deleted" or "created".
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
