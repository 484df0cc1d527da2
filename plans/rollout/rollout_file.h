#pragma once

#include <string>
#include <string_view>

#include "inventory/base/result.h"
#include "plans/rollout/rollout.h"

namespace drover::plans {

/// The `rollout` of PLAN.json, as JSON text.
std::string rollout_json(const Rollout& rollout);
/// The other way round. Errors: File.
Result<Rollout> read_rollout(std::string_view json);

}  // namespace drover::plans
