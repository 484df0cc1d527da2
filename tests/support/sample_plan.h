#pragma once

#include "plans/plan.h"

namespace drover::test {

/// A plan as an operator sees it: cluster prod, cp1, w1 and w2, 1.33.13 -> 1.34.4, written down
/// step by step for tests of what is shown. Nothing blocks.
plans::Plan sample_plan();

/// The same cluster with two blockers: w2 can never be drained, cp1 has too little room.
plans::Plan sample_blocked_plan();

/// The same cluster when all is done already.
plans::Plan sample_finished_plan();

}  // namespace drover::test
