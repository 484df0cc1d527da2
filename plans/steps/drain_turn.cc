#include "plans/steps/drain_turn.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/text.h"
#include "inventory/cluster/api_status.h"
#include "plans/steps/trouble.h"

namespace drover::plans {
namespace {

constexpr Seconds kBudgetPause{5};  // as kubectl drain does it
constexpr Seconds kAcceptedPause{5};
constexpr Seconds kTroublePause{1};
// An API server that has just started refuses what it allows seconds later (observed.md, trap 1).
constexpr std::ptrdiff_t kForbiddenTries = 4;

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

// The budget's controller has not caught up with evictions that were allowed.
bool too_many_under_way(const ApiStatus& status) {
  return status.message.find("too many evictions not confirmed") != std::string::npos;
}

bool forbidden(const Sent* sent) { return sent->answer && sent->answer->status == 403; }

bool refused_for_long(const std::vector<const Sent*>& sent) {
  const auto last = std::find_if_not(sent.rbegin(), sent.rend(), forbidden);
  return std::distance(sent.rbegin(), last) >= kForbiddenTries;
}

DrainTurn hopeless(const Pod& pod, const ApiResponse& answer, const ApiStatus& status,
                   std::string_view verb) {
  DrainTurn turn;
  turn.kind = DrainTurn::Hopeless;
  turn.error = refused(fmt::format("{} pod {}", verb, pod.full_name()), answer);
  if (under_two_budgets(status)) {
    turn.error.remedy = "let one PodDisruptionBudget only select the pod, then `drover resume`";
  }
  return turn;
}

DrainTurn turn_by_answer(const Pod& pod, const std::vector<const Sent*>& all,
                         std::string_view verb) {
  const Sent& sent = *all.back();
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
  const bool passes =
      answer.status == 403 && (too_many_under_way(status) || !refused_for_long(all));
  if (passes) {
    return later(sent, kBudgetPause, fmt::format("HTTP 403, {}", sanitise(status.message, 160)));
  }
  return hopeless(pod, answer, status, verb);
}

}  // namespace

DrainTurn drain_turn(const Pod& pod, const std::vector<const Sent*>& sent, Seconds now,
                     std::string_view verb) {
  if (pod.deleting) return {DrainTurn::Going, now, "", {}};
  if (sent.empty()) return {};
  DrainTurn turn = turn_by_answer(pod, sent, verb);
  if (turn.kind != DrainTurn::Hopeless && now >= turn.due) turn.kind = DrainTurn::Evict;
  return turn;
}

}  // namespace drover::plans
