#pragma once

#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "plans/plan.h"

namespace drover::plans {

/// PLAN.json, `drover/plan/1` (design 1.4): indented for people, one line with indent < 0.
std::string plan_json(const Plan& plan, int indent);

/// SHA-256 over the canonical JSON (sorted keys, no blanks) without id, created, estimate_s,
/// verdicts, drains: "sha256:...".
std::string plan_id(const Plan& plan);

/// Reads what plan_json() wrote. A File error when it is no such plan, when a later version wrote
/// it, or when it was edited: its id must be that of its content.
Result<Plan> read_plan(std::string_view text);

std::string_view severity_name(Severity severity);  ///< blocker, warning, info

}  // namespace drover::plans
