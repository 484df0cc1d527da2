#pragma once

#include <vector>

#include "inventory/rollout_policy.h"
#include "inventory/yaml_field.h"

namespace drover {

/// Reads `workers` but for `workers.exclude`, `pause`, `window` and `failure` of the plan file.
void read_rollout(const YamlField& top, RolloutPolicy& policy);

}  // namespace drover
