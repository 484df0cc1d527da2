#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "plans/checks/check.h"
#include "plans/rollout/opening.h"
#include "plans/rollout/turns.h"

namespace drover::plans {

/// A node is not begun unless its turn fits: one that never does would never be begun.
std::vector<Verdict> check_window(const CheckInput& input, const std::vector<Step>& steps) {
  std::vector<Verdict> verdicts;
  const auto& window = input.file.rollout.window;
  if (!window) return verdicts;
  const std::chrono::seconds longest = longest_opening(*window);
  const auto estimates = turn_estimates(steps);
  for (const Host& host : input.inventory.hosts) {
    const auto turn = estimates.find(host.name);
    if (turn == estimates.end() || turn->second <= longest) continue;
    verdicts.push_back(
        {.severity = Severity::Blocker,
         .subject = host.name,
         .message = fmt::format("{} is expected to take {}, and the maintenance window ({}) is "
                                "never open longer than {}",
                                host.name, format_duration(turn->second), window->str(),
                                format_duration(longest)),
         .remedy = "widen `window`"});
  }
  return verdicts;
}

}  // namespace drover::plans
