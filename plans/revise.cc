#include "plans/revise.h"

#include "plans/steps/kind.h"

namespace drover::plans {

void revise(Plan& plan, const Inventory& inventory, const UpgradePlan& file,
            const std::set<std::string>& done) {
  plan.rollout = make_rollout(inventory, file, std::move(plan.rollout.workers));
  for (Step& step : plan.steps) {
    const auto configure = kind_of(step.kind).configure;
    if (configure != nullptr && !done.contains(step.id)) configure(step, file);
  }
}

}  // namespace drover::plans
