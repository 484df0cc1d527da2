#pragma once

#include <nlohmann/json.hpp>

#include "examples/sandbox/api/api_state.h"

namespace drover::sandbox {

/// Everything about the cluster as JSON: `nodes`, `pods`, `budgets`, `lock` (the Lease or null),
/// `version` (of kubeadm-config), `api` (per control plane: answers, hangs, gone), `requests`
/// ({all, writes}), `strike`, `held`, and `unknown`: requests and tool calls that nobody foresaw.
nlohmann::json state_report(const ApiState& state, Moment now);

}  // namespace drover::sandbox
