#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/node.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/cordon_mark.h"
#include "plans/steps/node_patch.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

// Of the step's requests.
enum UncordonPatch : size_t { kUncordon, kUncordonAndTaint, kTaint };

Decision left_cordoned(const Node& node, const std::string& why) {
  const std::string message = fmt::format("left cordoned: node {} {}", node.name, why);
  Decision decision = done(message);
  decision.notices = {{"left-cordoned", message, {}}};
  return decision;
}

// Only what this run cordoned is given back (S10): the annotation says whose cordon it is.
Decision not_ours(const Step& step, const Attempt& attempt, const Node& node,
                  const std::string& run) {
  if (!node.unschedulable) return done(fmt::format("node {} takes pods again", node.name));
  if (attempt.note_of(sibling(step, StepKind::Cordon), "ours") == "no") {
    return left_cordoned(node, "was cordoned before this run");
  }
  if (run.empty()) return left_cordoned(node, "has lost the annotation that says who cordoned it");
  return left_cordoned(node, fmt::format("is cordoned by run {}", sanitise(run, 60)));
}

/// Its cordon went with it: a run must be able to end (S10).
Decision node_is_gone(const std::string& name) {
  const std::string message = fmt::format("there is no node {} any more, nor a cordon", name);
  Decision decision = done(message);
  decision.notices = {{"node-gone", message, {}}};
  return decision;
}

/// Whether the operator asked for this cordon to be taken away, whoever made it.
bool asked_for(const Step& step, const Node& node, const std::string& run) {
  const std::string& of = step.param("cordon_of");
  const bool there = node.unschedulable || !run.empty();
  return there && !of.empty() && (of == kAnyCordon || of == run);
}

Result<Decision> judge_node(const Step& step, const Attempt& attempt, const Answers& answers) {
  const std::string& name = step.param("node");
  if (answers.responses[0]->status == 404) return node_is_gone(name);
  const std::string what = fmt::format("read node {}", name);
  DROVER_TRY_ASSIGN(const Node node, read_answer(answers.responses[0], what, parse_node));
  const std::string run = cordoned_by_run(node);
  const bool give = run == attempt.run || asked_for(step, node, run);
  const bool pending = node.pending_taint().has_value();
  if (!give && !pending) return not_ours(step, attempt, node, run);

  if (auto decision = after_patch(attempt, node, fmt::format("uncordon node {}", node.name)))
    return *decision;
  const bool both = pending && !run.empty();  // a cordon without a mark goes first, and alone
  const UncordonPatch patch = !give ? kTaint : both ? kUncordonAndTaint : kUncordon;
  Decision decision;
  decision.next = Send{{{patch, patch_params(node)}}, {}};
  return decision;
}

}  // namespace

Step make_uncordon(const Scope& scope, const Host& host) {
  Step step = scope.step(StepKind::Uncordon, &host, fmt::format("uncordon {}", host.name),
                         "the node is well at the new version, so it may take pods again");
  step.requests = {
      patch_node(host,
                 R"({"metadata":{"resourceVersion":"{resourceVersion}",)"
                 R"("annotations":{"drover.local/cordon":null}},"spec":{"unschedulable":null}})"),
      patch_node(
          host,
          node_operations({R"({"op":"remove","path":"/metadata/annotations/drover.local~1cordon"})",
                           R"({"op":"add","path":"/spec/unschedulable","value":false})",
                           remove_pending_taint()})),
      patch_node(host, node_operations({remove_pending_taint()}))};
  step.params = {{"node", host.node}};
  step.timeout = std::chrono::seconds{120};
  step.estimate = std::chrono::seconds{1};
  return step;
}

Queries look_uncordon(const Step& step, const Attempt&) { return look_at_node(step); }

Decision decide_uncordon(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  return or_fail(judge_node(step, attempt, answers));
}

}  // namespace drover::plans
