#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "inventory/cluster/json.h"
#include "inventory/cluster/node.h"
#include "inventory/cluster/pod.h"
#include "plans/gates/baseline.h"
#include "plans/gates/gate.h"
#include "plans/graph.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/pending_taint.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

enum Query : size_t { kReady, kVersion, kNodes, kControlPlanePods };

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<std::string> parse_version(std::string_view body) {
  DROVER_TRY_ASSIGN(const JsonValue object, parse_json(body, "version"));
  std::string problem;
  return JsonField(&object, "", &problem)["gitVersion"].text();
}

// Another version than this hop starts from or leads to: somebody else is upgrading.
std::optional<Error> unexpected_version(const Step& step, const std::string& version) {
  if (version == step.param("from") || version == step.param("target")) return std::nullopt;
  Error error;
  error.kind = ErrorKind::Stale;
  error.message =
      fmt::format("the API server is {} now; the plan was made for the way from {} to {}",
                  sanitise(version, 40), step.param("from"), step.param("target"));
  error.remedy = "see who else is changing the cluster, then make a new plan";
  return error;
}

std::vector<std::string> nodes_not_ready(const Step& step, const std::vector<Node>& nodes) {
  const std::vector<std::string> before = split_words(step.param("not_ready_before"));
  std::vector<std::string> missing;
  for (const std::string& name : split_words(step.param("nodes"))) {
    const auto node =
        std::find_if(nodes.begin(), nodes.end(), [&](const Node& one) { return one.name == name; });
    if (node == nodes.end()) {
      missing.push_back(fmt::format("node {} to be in the cluster", name));
    } else if (!node->ready && !contains(before, name)) {
      missing.push_back(
          fmt::format("node {} to be Ready ({})", name, sanitise(node->ready_reason, 100)));
    }
  }
  return missing;
}

// The cluster may be in the middle of an upgrade: only the taint is looked at.
Result<Decision> judge_taint(const Step& step, const Attempt& attempt, const Answers& answers) {
  DROVER_TRY_ASSIGN(const std::vector<Node> nodes,
                    read_answer(answers.responses[0], "list nodes", parse_node_list));
  if (auto decision = mark_pending(step, attempt, nodes)) return *decision;
  return done(attempt.note(kPendingMode) == "off" ? "no node waits for its turn any more"
                                                  : "nodes that wait for their turn are marked");
}

Result<Decision> judge_cluster(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (!attempt.note(kPendingMode).empty()) return judge_taint(step, attempt, answers);
  const auto& responses = answers.responses;
  if (!responses[kReady]->ok()) return fail(refused("read /readyz", *responses[kReady]));
  DROVER_TRY_ASSIGN(const std::string version,
                    read_answer(responses[kVersion], "read /version", parse_version));
  if (auto error = unexpected_version(step, version)) return *error;
  DROVER_TRY_ASSIGN(const std::vector<Node> nodes,
                    read_answer(responses[kNodes], "list nodes", parse_node_list));
  DROVER_TRY_ASSIGN(
      const std::vector<Pod> pods,
      read_answer(responses[kControlPlanePods], "list control-plane pods", parse_pod_list));
  std::vector<std::string> missing = nodes_not_ready(step, nodes);
  for (const Pod& pod : pods) {
    if (!pod.ready) missing.push_back(fmt::format("{} to be Ready", pod.name));
  }
  if (!missing.empty()) return wait_for(some_of(missing));
  if (auto decision = mark_pending(step, attempt, nodes)) return *decision;
  return done(fmt::format("{} nodes Ready, control plane at {}", nodes.size(), version));
}

// What the user's own checks say before the first change; one look is enough.
Decision with_gate(GateRound round, Decision decision) {
  if (std::holds_alternative<Wait>(decision.next) || std::holds_alternative<Fail>(decision.next)) {
    return decision;
  }
  if (round.refused) return fail(*round.refused);
  if (!round.missing.empty()) {
    decision = wait_for(join(round.missing, ", "));
  } else if (!round.lacks.empty()) {
    decision = wait_for(round.lacks, std::chrono::milliseconds{0});
  }
  decision.remember.merge(round.remember);
  return decision;
}

}  // namespace

Step make_preflight(const Scope& scope) {
  Step step = scope.step(StepKind::Preflight, nullptr, "look at the cluster once more",
                         "on a cluster that is not well, damage done by the upgrade could not be "
                         "told from old damage");
  std::vector<std::string> waiting;
  std::vector<std::string> nodes;
  std::vector<std::string> not_ready;
  for (const Host& host : scope.inventory.hosts) {
    const Node* node = scope.facts.find_node(host.node);
    if (node == nullptr || scope.file.excludes(host)) continue;
    nodes.push_back(host.node);
    if (!node->ready) not_ready.push_back(host.node);
    const bool waits = !host.has(Role::ControlPlane) && scope.file.takes(host);
    if (waits && node_is_behind(scope, host)) waiting.push_back(host.node);
  }
  step.params = {{"from", scope.from.tag()},
                 {"target", scope.target.tag()},
                 {"nodes", join(nodes, " ")},
                 {"not_ready_before", join(not_ready, " ")}};
  add_pending_taint(step, waiting);
  if (!waiting.empty()) {
    step.title += ", and mark the workers that wait for their turn";
    step.why += "; pods that move prefer nodes without the mark, and need not move twice";
  }
  take_marks_of_cluster(step, scope.inventory, scope.file);
  configure_preflight(step, scope.file);
  step.estimate = std::chrono::seconds{1};
  return step;
}

void configure_preflight(Step& step, const UpgradePlan& file) {
  configure_gate(step, file);
  configure_baselines(step, file);
  step.timeout = std::chrono::seconds{60};
}

Queries look_preflight(const Step& step, const Attempt& attempt) {
  Queries queries;
  if (!attempt.note(kPendingMode).empty()) {
    queries.requests = {get("/api/v1/nodes")};
    return queries;
  }
  queries.requests = {get("/readyz"), get("/version"), get("/api/v1/nodes"),
                      get("/api/v1/namespaces/kube-system/pods?labelSelector=" +
                          percent_encode("tier=control-plane"))};
  ask(queries, gate_queries(step, attempt));
  ask_baselines(step, attempt, queries);
  return queries;
}

Decision decide_preflight(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  Decision decision = or_fail(judge_cluster(step, attempt, answers));
  if (!attempt.note(kPendingMode).empty()) return decision;
  decision = with_gate(judge_gate_round(step, attempt, answers), std::move(decision));
  return keep_baselines(step, attempt, answers, std::move(decision));
}

}  // namespace drover::plans
