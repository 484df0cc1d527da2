#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "inventory/cluster/node.h"
#include "plans/gates/baseline.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/cordon_mark.h"
#include "plans/steps/node_patch.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// Somebody else's cordon is left as it is: the node is upgraded in its turn and stays cordoned
// (S6).
Decision theirs(const Step& step, const std::string& run) {
  const std::string by = run.empty() ? "" : fmt::format(" by run {}", sanitise(run, 60));
  const std::string message = fmt::format("node {} was cordoned before{}; it will be left cordoned",
                                          step.param("node"), by);
  Decision decision = done(message);
  decision.remember = {{"ours", "no"}};
  decision.notices = {{"cordoned-by-others", message, {}}};
  return decision;
}

Decision mark(const Node& node, const Attempt& attempt, const std::string& run) {
  Decision decision;
  Send send;
  send.instances = {{0, {{"resourceVersion", node.resource_version}, {"run", attempt.run}}}};
  send.before = {{"unschedulable", "false"}};
  decision.next = std::move(send);
  const bool orphaned = !node.unschedulable && !run.empty() && run != attempt.run;
  if (orphaned && newest_sent(attempt, 0) == nullptr) {
    decision.notices = {
        {"orphaned-cordon",
         fmt::format(
             "node {} carries the cordon annotation of run {} and is schedulable: a left-over, "
             "which this run's annotation replaces",
             node.name, sanitise(run, 60)),
         {}}};
  }
  return decision;
}

Result<Decision> judge_cordon(const Step& step, const Attempt& attempt, const Answers& answers) {
  const std::string what = fmt::format("read node {}", step.param("node"));
  DROVER_TRY_ASSIGN(const Node node, read_answer(answers.responses[0], what, parse_node));
  const std::string run = cordoned_by_run(node);
  if (node.unschedulable && run == attempt.run) {
    Decision decision = done(fmt::format("node {} takes no new pods", node.name));
    decision.remember = {{"ours", "yes"}};
    return decision;
  }
  const std::vector<std::string> earlier = split_words(step.param("unfinished_runs"));
  const bool left_by_us = std::find(earlier.begin(), earlier.end(), run) != earlier.end();
  if (node.unschedulable && !left_by_us) return theirs(step, run);

  if (auto decision = after_patch(attempt, node, fmt::format("cordon node {}", node.name)))
    return *decision;
  return mark(node, attempt, run);
}

}  // namespace

Step make_cordon(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::Cordon, &host, fmt::format("cordon {}", host.name),
                         "so that no new pod is started there while it is emptied and upgraded");
  // Whoever meets the mark later sees what it is for.
  const std::string purpose =
      scope.node_command.empty() ? "" : R"(,\"for\":\")" + scope.node_command + R"(\")";
  step.requests = {
      patch_node(host, R"({"metadata":{"resourceVersion":"{resourceVersion}",)"
                       R"("annotations":{"drover.local/cordon":"{\"run\":\"{run}\",\"was\":false)" +
                           purpose + R"(}"}},)" + R"("spec":{"unschedulable":true}})")};
  step.params = {{"node", host.node}};
  if (!scope.unfinished_runs.empty()) {
    step.params["unfinished_runs"] = join(scope.unfinished_runs, " ");
  }
  take_marks(step, host, scope.inventory, scope.file);
  step.timeout = std::chrono::seconds{120};
  step.estimate = std::chrono::seconds{1};
  return step;
}

Queries look_cordon(const Step& step, const Attempt& attempt) {
  Queries queries = look_at_node(step);
  ask_baselines(step, attempt, queries);
  return queries;
}

Decision decide_cordon(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  return keep_baselines(step, attempt, answers, or_fail(judge_cordon(step, attempt, answers)));
}

}  // namespace drover::plans
