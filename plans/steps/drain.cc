#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "plans/drain_forecast.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/drain_round.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kForbiddenSince =
    "forbidden_since";         // note: seconds, since reading is refused
constexpr size_t kNamed = 20;  // pods that a refusal names

DrainPolicy policy_of(const Step& step) {
  DrainPolicy policy;
  policy.force = step.param("force") == "true";
  policy.ignore_daemonsets = step.param("ignore_daemonsets") == "true";
  policy.delete_emptydir_data = step.param("delete_emptydir_data") == "true";
  return policy;
}

Error refusal(const Step& step, const std::vector<RefusedPods>& refused) {
  std::vector<std::string> lines;
  for (const RefusedPods& one : refused) lines.push_back(refusal_text(one, kNamed));
  Error error;
  error.kind = ErrorKind::Refused;
  error.message = fmt::format("{} is not drained: {}", step.param("node"), join(lines, "; "));
  error.remedy = "move or delete these pods, or set the key that is named, then `drover resume`";
  return error;
}

Result<Decision> judge_drain(const Step& step, const Attempt& attempt, const Answers& answers) {
  DROVER_TRY_ASSIGN(const DrainSight sight, read_drain(step, attempt, answers));
  PodList pods;
  for (const Pod& pod : sight.pods) pods.push_back(&pod);
  const DrainSelection selection = select_pods(std::move(pods), policy_of(step), sight.daemonsets);
  if (!selection.refused.empty()) return refusal(step, selection.refused);
  return DrainRound(step, attempt, sight, selection).decide();
}

// An API server that has just started refuses what it allows seconds later (S18).
std::optional<Decision> forbidden_for_now(const Attempt& attempt, const Answers& answers) {
  constexpr Seconds kPatience{30};
  const auto refused = std::find_if(
      answers.responses.begin(), answers.responses.end(),
      [](const Result<ApiResponse>& answer) { return answer && answer->status == 403; });
  if (refused == answers.responses.end()) return std::nullopt;
  const std::string& before = attempt.note(kForbiddenSince);
  const Seconds since = before.empty() ? attempt.elapsed : Seconds{std::stod(before)};
  if (attempt.elapsed - since >= kPatience) return std::nullopt;
  Decision decision = wait_for("the API server to allow what it refuses now (HTTP 403)");
  decision.remember[kForbiddenSince] = fmt::format("{:.3f}", since.count());
  return decision;
}

std::string grace_text(const DrainPolicy& policy) {
  return policy.grace_period < 0 ? ""
                                 : fmt::format(R"("gracePeriodSeconds":{},)", policy.grace_period);
}

ApiRequest eviction(const DrainPolicy& policy) {
  ApiRequest request;
  request.verb = Verb::Post;
  request.path = "/api/v1/namespaces/{namespace}/pods/{pod}/eviction";
  request.body = fmt::format(R"({{"apiVersion":"policy/v1","kind":"Eviction",)"
                             R"("metadata":{{"name":"{{pod}}","namespace":"{{namespace}}"}},)"
                             R"("deleteOptions":{{{}"preconditions":{{"uid":"{{uid}}"}}}}}})",
                             grace_text(policy));
  return request;
}

ApiRequest deletion(const DrainPolicy& policy) {
  ApiRequest request;
  request.verb = Verb::Delete;
  request.path = "/api/v1/namespaces/{namespace}/pods/{pod}";
  request.body = fmt::format(R"({{"apiVersion":"v1","kind":"DeleteOptions",{})"
                             R"("preconditions":{{"uid":"{{uid}}"}}}})",
                             grace_text(policy));
  return request;
}

std::string title_of(const Step& step, const DrainPolicy& policy) {
  if (policy.skip)
    return fmt::format("leave the pods of {} where they are (drain.skip)", step.node);
  const size_t pods = split_words(step.param("foreseen")).size();
  const std::string count = fmt::format("{} pod{}", pods, pods == 1 ? "" : "s");
  if (policy.disables_eviction(step.node)) {
    return fmt::format("drain {} past its budgets (deletes {}; drain.disable_eviction)", step.node,
                       count);
  }
  return fmt::format("drain {} (evicts {})", step.node, count);
}

}  // namespace

Step make_drain(const Scope& scope, const Host& host) {
  const DrainPolicy& policy = scope.file.drain;
  const ForeseenDrain foreseen = scope.drains != nullptr
                                     ? scope.drains->of(host.node, host.name)
                                     : DrainForecast(scope.facts, policy).of(host.node, host.name);
  Step step = scope.step(
      StepKind::Drain, &host, "",
      "so that the pods there move elsewhere in good order, as their budgets allow, before the "
      "kubelet changes");
  step.params = {{"node", host.node}, {"foreseen", join(foreseen.evicts, " ")}};
  configure_drain(step, scope.file);
  // Observed: 3 to 23 s a worker, where budgets make pods go one after the other.
  const size_t pods = foreseen.evicts.size();
  const auto expected = std::chrono::seconds{pods == 0 ? 1 : 4 + 3 * static_cast<long>(pods)};
  step.estimate = std::min(expected, step.timeout);
  return step;
}

void configure_drain(Step& step, const UpgradePlan& file) {
  const DrainPolicy& policy = file.drain;
  const bool deletes = policy.disables_eviction(step.node);
  step.requests = {deletes ? deletion(policy) : eviction(policy)};
  if (policy.skip) step.requests.clear();
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  step.params["by"] = policy.skip ? "nothing" : deletes ? "deletion" : "eviction";
  step.params["force"] = flag(policy.force);
  step.params["ignore_daemonsets"] = flag(policy.ignore_daemonsets);
  step.params["delete_emptydir_data"] = flag(policy.delete_emptydir_data);
  step.params["keep_serving"] = flag(policy.keep_serving);
  step.title = title_of(step, policy);
  step.timeout = policy.timeout;
}

Queries look_drain(const Step& step, const Attempt& attempt) {
  return step.param("by") == "nothing" ? Queries{} : drain_queries(step, attempt);
}

Decision decide_drain(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (step.param("by") == "nothing") {
    return done(fmt::format("{} is not drained (drain.skip)", step.param("node")));
  }
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  if (auto refused = forbidden_for_now(attempt, answers)) return *refused;
  Decision decision = or_fail(judge_drain(step, attempt, answers));
  if (!attempt.note(kForbiddenSince).empty()) decision.remember[kForbiddenSince] = "";
  return decision;
}

}  // namespace drover::plans
