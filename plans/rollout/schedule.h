#pragma once

#include <chrono>
#include <vector>

#include "plans/plan.h"

namespace drover::plans {

/// When a step would run if every estimate came true, from the run's begin.
struct Span {
  std::chrono::seconds begin{0};
  std::chrono::seconds end{0};
};

struct Schedule {
  std::vector<Span> spans;        ///< of each step, in the plan's order
  std::chrono::seconds total{0};  ///< until the last one has ended
};

/// The run as it is foreseen: by the same rules that the executor goes by, with every worker well,
/// nobody kept waiting by a question, and no maintenance window.
Schedule foresee(const Plan& plan);

}  // namespace drover::plans
