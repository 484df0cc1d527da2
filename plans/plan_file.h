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

std::string_view severity_name(Severity severity);  ///< blocker, warning, info

}  // namespace drover::plans
