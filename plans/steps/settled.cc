#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/pod_disruption_budget.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/hold.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

enum Query : size_t { kNode, kBudgets };

bool is_short(const PodDisruptionBudget& budget) {
  return budget.current_healthy < budget.desired_healthy;
}

Result<std::vector<std::string>> missing_now(const Step& step, const Answers& answers) {
  const std::string& name = step.param("node");
  DROVER_TRY_ASSIGN(const Node node,
                    read_answer(answers.responses[kNode], "read node " + name, parse_node));
  DROVER_TRY_ASSIGN(
      const std::vector<PodDisruptionBudget> budgets,
      read_answer(answers.responses[kBudgets], "list disruption budgets", parse_pdb_list));
  std::vector<std::string> missing;
  if (!node.ready) {
    missing.push_back(fmt::format("{} to be Ready ({})", name, sanitise(node.ready_reason, 120)));
  }
  const std::vector<std::string> before = split_words(step.param("short_before"));
  for (const PodDisruptionBudget& budget : budgets) {
    const bool old = std::find(before.begin(), before.end(), budget.full_name()) != before.end();
    if (!is_short(budget) || old) continue;
    missing.push_back(fmt::format("the pods of budget {} ({} of {} healthy)", budget.full_name(),
                                  budget.current_healthy, budget.desired_healthy));
  }
  return missing;
}

}  // namespace

Step make_settled(const Scope& scope, const Host& host) {
  Step step =
      scope.step(StepKind::Settled, &host, "",
                 "a node that falls over right after its upgrade must not take the next one "
                 "with it, and the pods that moved must be well before more of them move");
  std::vector<std::string> short_before;
  for (const PodDisruptionBudget& budget : scope.facts.budgets) {
    if (is_short(budget)) short_before.push_back(budget.full_name());
  }
  step.params = {{"node", host.node}, {"short_before", join(short_before, " ")}};
  configure_settled(step, scope.file);
  return step;
}

void configure_settled(Step& step, const UpgradePlan& file) {
  const HealthPolicy& health = file.health;
  step.title = fmt::format("let {} settle for {}", step.node, format_duration(health.settle));
  step.params["settle"] = format_duration(health.settle);
  step.timeout = health.timeout + health.settle;
  step.estimate = health.settle + std::chrono::seconds{1};
}

Queries look_settled(const Step& step, const Attempt&) {
  Queries queries;
  queries.requests = {get("/api/v1/nodes/" + percent_encode(step.param("node"))),
                      get("/apis/policy/v1/poddisruptionbudgets")};
  return queries;
}

Decision decide_settled(const Step& step, const Attempt& attempt, const Answers& answers) {
  std::vector<std::string> missing;
  if (auto trouble = any_trouble(answers)) {
    missing.push_back(*trouble);
  } else {
    const auto judged = missing_now(step, answers);
    if (!judged) return fail(judged.error());
    missing = *judged;
  }
  Hold gate;
  gate.least = parse_duration(step.param("settle")).value_or(std::chrono::seconds{0});
  return hold(gate, attempt, missing,
              fmt::format("{} Ready for {}", step.param("node"), step.param("settle")));
}

}  // namespace drover::plans
