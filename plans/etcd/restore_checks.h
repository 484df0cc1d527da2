#pragma once

#include <vector>

#include "plans/etcd/restore_plan.h"

namespace drover::plans {

/// What keeps a restore from being done, and what will be lost by it. All of it before anything is
/// changed.
std::vector<Verdict> judge_restore(const RestoreInput& input);

}  // namespace drover::plans
