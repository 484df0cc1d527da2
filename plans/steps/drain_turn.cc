#include "plans/steps/drain_turn.h"

#include <fmt/format.h>

#include "inventory/base/text.h"
#include "inventory/cluster/api_status.h"
#include "plans/steps/trouble.h"

namespace drover::plans {
namespace {

constexpr Seconds kBudgetPause{5};  // as kubectl drain does it
constexpr Seconds kAcceptedPause{5};
constexpr Seconds kTroublePause{1};

DrainTurn later(const Sent& sent, Seconds pause, std::string why) {
  if (sent.answer && sent.answer->retry_after) pause = *sent.answer->retry_after;
  return {DrainTurn::Later, sent.at + pause, std::move(why), {}};
}

DrainTurn blocked_by_budget(const Sent& sent, const ApiStatus& status) {
  std::string why = status.message;
  for (const ApiStatus::Cause& cause : status.causes) {
    if (cause.reason == "DisruptionBudget") why = cause.message;
  }
  DrainTurn turn = later(sent, kBudgetPause, sanitise(why, 200));
  turn.kind = DrainTurn::Budget;
  return turn;
}

bool under_two_budgets(const ApiStatus& status) {
  return status.message.find("more than one PodDisruptionBudget") != std::string::npos;
}

DrainTurn hopeless(const Pod& pod, const ApiResponse& answer, const ApiStatus& status) {
  DrainTurn turn;
  turn.kind = DrainTurn::Hopeless;
  turn.error = refused("evict pod " + pod.full_name(), answer);
  if (under_two_budgets(status)) {
    turn.error.remedy = "let one PodDisruptionBudget only select the pod, then `drover resume`";
  }
  return turn;
}

DrainTurn turn_by_answer(const Pod& pod, const Sent& sent) {
  if (auto trouble = api_trouble(sent.answer)) return later(sent, kTroublePause, *trouble);
  const ApiResponse& answer = *sent.answer;
  if (answer.ok()) {
    return {DrainTurn::Going, sent.at + kAcceptedPause, "", {}};
  }
  const ApiStatus status = read_api_status(answer);
  if (status.has_cause("DisruptionBudget") && answer.status == 429) {
    return blocked_by_budget(sent, status);
  }
  // Gone, or another pod by its name: the next look tells.
  if (answer.status == 404 || answer.status == 409) {
    return later(sent, kTroublePause, fmt::format("HTTP {}", answer.status));
  }
  if (answer.status == 403 && status.has_cause("NamespaceTerminating")) {
    return later(sent, kBudgetPause, "its namespace is being deleted");
  }
  return hopeless(pod, answer, status);
}

}  // namespace

DrainTurn drain_turn(const Pod& pod, const Sent* sent, Seconds now) {
  if (pod.deleting) return {DrainTurn::Going, now, "", {}};
  if (sent == nullptr) return {};
  DrainTurn turn = turn_by_answer(pod, *sent);
  if (turn.kind != DrainTurn::Hopeless && now >= turn.due) turn.kind = DrainTurn::Evict;
  return turn;
}

}  // namespace drover::plans
