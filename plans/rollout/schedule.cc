#include "plans/rollout/schedule.h"

#include <queue>

#include "plans/plan_state.h"

namespace drover::plans {

Schedule foresee(const Plan& plan) {
  using std::chrono::seconds;
  struct Ending {
    seconds at;
    size_t index;
    bool operator>(const Ending& other) const {
      return std::pair(at, index) > std::pair(other.at, other.index);
    }
  };
  PlanState state(plan);
  Schedule schedule;
  schedule.spans.resize(plan.steps.size());
  std::priority_queue<Ending, std::vector<Ending>, std::greater<>> running;
  Moment moment;
  seconds now{0};
  while (true) {
    while (const Step* step = state.next(moment)) {
      const auto index = static_cast<size_t>(step - plan.steps.data());
      state.start(step->id);
      schedule.spans[index] = {now, now + step->estimate};
      running.push({now + step->estimate, index});
    }
    if (!running.empty()) {
      now = running.top().at;
      moment.now = now;
      state.end(plan.steps[running.top().index].id, PlanState::Outcome::Succeeded, moment);
      running.pop();
      continue;
    }
    const Hold hold = state.hold(moment);
    if (hold.kind == Hold::Kind::Pause) {
      state.end_pause(hold.pause);
    } else if (hold.kind == Hold::Kind::Rest) {
      now = std::chrono::ceil<seconds>(hold.until);
      moment.now = now;
    } else {
      break;
    }
  }
  schedule.total = now;
  return schedule;
}

}  // namespace drover::plans
