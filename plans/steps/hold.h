#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plans/steps/kind.h"

namespace drover::plans {

/// A gate that must hold for some time (S9): each round gives what is still missing. The time
/// counts from the first round without anything missing and starts again after any round with it.
///
/// `times` successive good rounds and at least `least` seconds since the first of them make it
/// held.
struct HoldRule {
  int times = 1;
  Seconds least{0};
  std::chrono::milliseconds interval{1000};
};

/// The decision of one round: Wait naming the missing conditions (joined), Wait naming the hold, or
/// Done{message}. Keeps `held_since` and `held_times` in the notes.
Decision hold(const HoldRule& gate, const Attempt& attempt, const std::vector<std::string>& missing,
              const std::string& message);

}  // namespace drover::plans
