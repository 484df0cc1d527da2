#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "inventory/cluster/pod_disruption_budget.h"
#include "plans/drain_forecast.h"
#include "plans/drain_policy.h"
#include "plans/steps/catalogue.h"
#include "plans/steps/drain_turn.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

using std::chrono::milliseconds;

enum Query : size_t { kPods, kDaemonSets, kBudgets };

constexpr const char* kAskBudgets =
    "budgets";                         // note: something waits, or has waited, for a budget
constexpr const char* kTold = "told";  // note: pods that a drain_changed has named

bool asks_budgets(const Attempt& attempt) { return attempt.note(kAskBudgets) == "yes"; }

DrainPolicy policy_of(const Step& step) {
  DrainPolicy policy;
  policy.force = step.param("force") == "true";
  policy.ignore_daemonsets = step.param("ignore_daemonsets") == "true";
  policy.delete_emptydir_data = step.param("delete_emptydir_data") == "true";
  return policy;
}

Error refusal(const Step& step, const std::vector<std::string>& refused) {
  Error error;
  error.kind = ErrorKind::Refused;
  error.message = fmt::format("{} is not drained: {}", step.param("node"), join(refused, "; "));
  error.remedy = "move or delete these pods, or set the key that is named, then `drover resume`";
  return error;
}

/// One pod that is to go, and its turn.
struct Leaving {
  const Pod* pod = nullptr;
  DrainTurn turn;
  const Sent* sent = nullptr;  ///< its newest eviction in this attempt
};

/// One look at the node: what is to be sent, what is waited for.
class Round {
 public:
  Round(const Step& step, const Attempt& attempt, const std::vector<Pod>& all,
        const DrainSelection& selection, std::optional<std::vector<PodDisruptionBudget>> budgets)
      : step_(step), attempt_(attempt), budgets_(std::move(budgets)) {
    std::map<std::string, const Sent*> newest;
    for (const Sent& sent : attempt.sent) newest[sent.params.at("uid")] = &sent;
    for (const Pod& pod : selection.evict) {
      const auto found = newest.find(pod.uid);
      const Sent* sent = found == newest.end() ? nullptr : found->second;
      leaving_.push_back({&pod, drain_turn(pod, sent, attempt.elapsed), sent});
    }
    for (const Pod& pod : all) present_.insert(pod.full_name());
    use_budget_room();
  }

  Decision decide() {
    Decision decision;
    if (leaving_.empty()) {
      decision = done(summary());
    } else if (holds(DrainTurn::Evict)) {
      decision.next = evictions();
    } else if (count(DrainTurn::Hopeless) == leaving_.size()) {
      return fail(hopeless());
    } else {
      decision = wait_for(waiting(), pause());
    }
    if (holds(DrainTurn::Budget)) decision.remember[kAskBudgets] = "yes";
    tell_changes(decision);
    return decision;
  }

 private:
  bool holds(DrainTurn::Kind kind) const { return count(kind) > 0; }

  size_t count(DrainTurn::Kind kind) const {
    return static_cast<size_t>(
        std::count_if(leaving_.begin(), leaving_.end(),
                      [&](const Leaving& one) { return one.turn.kind == kind; }));
  }

  const PodDisruptionBudget* budget_of(const Pod& pod) const {
    if (!budgets_) return nullptr;
    const auto found = std::find_if(budgets_->begin(), budgets_->end(),
                                    [&](const auto& budget) { return budget.covers(pod); });
    return found == budgets_->end() ? nullptr : &*found;
  }

  // A budget that has room again need not be tried blindly: its pods' turns come at once, as many
  // as it has room for.
  void use_budget_room() {
    if (!budgets_) return;
    std::map<std::string, int> room;
    for (const auto& budget : *budgets_) room[budget.full_name()] = budget.disruptions_allowed;
    for (Leaving& one : leaving_) {
      const PodDisruptionBudget* budget = budget_of(*one.pod);
      if (one.turn.kind != DrainTurn::Budget || budget == nullptr) continue;
      if (one.sent->answer->retry_after || too_early(attempt_, *one.sent)) continue;
      if (room[budget->full_name()]-- > 0) one.turn.kind = DrainTurn::Evict;
    }
  }

  Send evictions() const {
    Send send;
    for (const Leaving& one : leaving_) {
      if (one.turn.kind != DrainTurn::Evict) continue;
      send.instances.push_back(
          {0, {{"namespace", one.pod->ns}, {"pod", one.pod->name}, {"uid", one.pod->uid}}});
    }
    return send;
  }

  Error hopeless() const {
    Error error = leaving_.front().turn.error;
    std::vector<std::string> others;
    for (size_t i = 1; i < leaving_.size(); ++i) others.push_back(leaving_[i].pod->full_name());
    if (!others.empty()) error.message += fmt::format("; nor {}", some_of(others));
    return error;
  }

  std::vector<std::string> names(DrainTurn::Kind kind) const {
    std::vector<std::string> list;
    for (const Leaving& one : leaving_) {
      if (one.turn.kind == kind) list.push_back(one.pod->full_name());
    }
    return list;
  }

  // Budgets first: they may need somebody, while pods that terminate do not.
  std::string waiting() const {
    std::vector<std::string> parts;
    std::map<std::string, std::vector<std::string>> by_reason;
    for (const Leaving& one : leaving_) {
      if (one.turn.kind == DrainTurn::Budget) {
        by_reason[budget_reason(one)].push_back(one.pod->full_name());
      }
    }
    for (const auto& [reason, pods] : by_reason) {
      parts.push_back(fmt::format("{} to allow {}", reason, some_of(pods)));
    }
    for (const Leaving& one : leaving_) {
      const bool first = parts.size() < by_reason.size() + 1;
      if (one.turn.kind != DrainTurn::Later || !first) continue;
      const std::string more = count(DrainTurn::Later) > 1
                                   ? fmt::format(" and {} more", count(DrainTurn::Later) - 1)
                                   : "";
      parts.push_back(
          fmt::format("another try at {}{} ({})", one.pod->full_name(), more, one.turn.why));
    }
    if (const auto going = names(DrainTurn::Going); !going.empty()) {
      parts.push_back(fmt::format("{} pod{} to terminate: {}", going.size(),
                                  going.size() == 1 ? "" : "s", some_of(going)));
    }
    if (const auto stuck = names(DrainTurn::Hopeless); !stuck.empty()) {
      parts.push_back(fmt::format("the others (cannot evict {})", some_of(stuck)));
    }
    return join(parts, "; ");
  }

  std::string budget_reason(const Leaving& one) const {
    const PodDisruptionBudget* budget = budget_of(*one.pod);
    if (budget == nullptr) return fmt::format("a budget ({})", one.turn.why);
    return fmt::format("budget {} ({}; {} healthy, {} needed)", budget->full_name(),
                       budget->spec_str(), budget->current_healthy, budget->desired_healthy);
  }

  // Most pods go within the first seconds. Later the node is asked once a second.
  milliseconds pause() const {
    if (holds(DrainTurn::Budget) && !budgets_) return milliseconds{0};  // ask for their numbers
    Seconds newest{0};
    for (const Sent& sent : attempt_.sent) newest = std::max(newest, sent.at);
    const Seconds age = attempt_.elapsed - newest;
    milliseconds pause = age < Seconds{1}   ? milliseconds{250}
                         : age < Seconds{3} ? milliseconds{500}
                                            : milliseconds{1000};
    for (const Leaving& one : leaving_) {
      const bool timed = one.turn.kind == DrainTurn::Budget || one.turn.kind == DrainTurn::Later;
      if (!timed) continue;
      pause = std::min(pause, std::chrono::ceil<milliseconds>(one.turn.due - attempt_.elapsed));
    }
    return pause;
  }

  std::string summary() const {
    std::set<std::string> evicted;
    for (const Sent& sent : attempt_.sent) {
      if (sent.answer && sent.answer->ok()) evicted.insert(sent.params.at("uid"));
    }
    if (evicted.empty()) return fmt::format("{} had no pods to evict", step_.param("node"));
    return fmt::format("{} pod{} evicted from {}", evicted.size(), evicted.size() == 1 ? "" : "s",
                       step_.param("node"));
  }

  // The plan foresaw pods by name; the same policy meets the pods of this moment (S3).
  void tell_changes(Decision& decision) const {
    const std::vector<std::string> listed = split_words(step_.param("foreseen"));
    const std::set<std::string> foreseen(listed.begin(), listed.end());
    const std::vector<std::string> told_list = split_words(attempt_.note(kTold));
    std::set<std::string> told(told_list.begin(), told_list.end());
    std::vector<std::string> came;
    std::vector<std::string> gone;
    for (const Leaving& one : leaving_) {
      const std::string name = one.pod->full_name();
      const bool sent_now = one.turn.kind == DrainTurn::Evict && one.sent == nullptr;
      if (sent_now && foreseen.count(name) == 0 && told.insert(name).second) came.push_back(name);
    }
    for (const std::string& name : foreseen) {
      const bool missing = attempt_.sent.empty() && present_.count(name) == 0;
      if (missing && told.insert(name).second) gone.push_back(name);
    }
    if (came.empty() && gone.empty()) return;
    std::vector<std::string> parts;
    if (!came.empty()) parts.push_back("evicted though not foreseen: " + some_of(came));
    if (!gone.empty()) parts.push_back("foreseen and gone: " + some_of(gone));
    std::vector<std::string> pods = came;
    pods.insert(pods.end(), gone.begin(), gone.end());
    decision.notices.push_back(
        {"drain_changed", fmt::format("{}: {}", step_.param("node"), join(parts, "; ")), pods});
    decision.remember[kTold] = join({told.begin(), told.end()}, " ");
  }

  const Step& step_;
  const Attempt& attempt_;
  const std::optional<std::vector<PodDisruptionBudget>> budgets_;  ///< absent: not asked for
  std::vector<Leaving> leaving_;
  std::set<std::string> present_;
};

Result<Decision> judge(const Step& step, const Attempt& attempt, const Answers& answers) {
  const auto& responses = answers.responses;
  const std::string what = fmt::format("list the pods of {}", step.param("node"));
  DROVER_TRY_ASSIGN(const std::vector<Pod> pods,
                    read_answer(responses[kPods], what, parse_pod_list));
  if (!responses[kDaemonSets]->ok()) return refused("list DaemonSets", *responses[kDaemonSets]);
  DROVER_TRY_ASSIGN(const std::vector<Workload> daemonsets,
                    parse_workload_list(responses[kDaemonSets]->body, "DaemonSet"));
  std::optional<std::vector<PodDisruptionBudget>> budgets;
  if (asks_budgets(attempt)) {
    DROVER_TRY_ASSIGN(budgets,
                      read_answer(responses[kBudgets], "list disruption budgets", parse_pdb_list));
  }
  const DrainSelection selection = select_pods(pods, policy_of(step), daemonsets_of(daemonsets));
  if (!selection.refused.empty()) return refusal(step, selection.refused);
  return Round(step, attempt, pods, selection, std::move(budgets)).decide();
}

std::string eviction_body(const DrainPolicy& policy) {
  const std::string grace = policy.grace_period < 0
                                ? ""
                                : fmt::format(R"("gracePeriodSeconds":{},)", policy.grace_period);
  return fmt::format(R"({{"apiVersion":"policy/v1","kind":"Eviction",)"
                     R"("metadata":{{"name":"{{pod}}","namespace":"{{namespace}}"}},)"
                     R"("deleteOptions":{{{}"preconditions":{{"uid":"{{uid}}"}}}}}})",
                     grace);
}

}  // namespace

Step make_drain(const Scope& scope, const Host& host) {
  const DrainPolicy& policy = scope.file.drain;
  const ForeseenDrain foreseen = forecast_drain(scope.facts, host.node, policy);
  const size_t pods = foreseen.evicts.size();
  Step step = scope.step(
      StepKind::Drain, &host,
      fmt::format("drain {} (evicts {} pod{})", host.name, pods, pods == 1 ? "" : "s"),
      "so that the pods there move elsewhere in good order, as their budgets allow, before the "
      "kubelet changes");
  step.params = {{"node", host.node}, {"foreseen", join(foreseen.evicts, " ")}};
  configure_drain(step, scope.file);
  // Observed: 3 to 23 s a worker, where budgets make pods go one after the other.
  const auto expected = std::chrono::seconds{pods == 0 ? 1 : 4 + 3 * static_cast<long>(pods)};
  step.estimate = std::min(expected, step.timeout);
  return step;
}

void configure_drain(Step& step, const UpgradePlan& file) {
  const DrainPolicy& policy = file.drain;
  ApiRequest eviction;
  eviction.verb = Verb::Post;
  eviction.path = "/api/v1/namespaces/{namespace}/pods/{pod}/eviction";
  eviction.body = eviction_body(policy);
  step.requests = {eviction};
  const auto flag = [](bool value) { return value ? "true" : "false"; };
  step.params["force"] = flag(policy.force);
  step.params["ignore_daemonsets"] = flag(policy.ignore_daemonsets);
  step.params["delete_emptydir_data"] = flag(policy.delete_emptydir_data);
  step.timeout = policy.timeout;
}

Queries look_drain(const Step& step, const Attempt& attempt) {
  Queries queries;
  queries.requests = {
      get("/api/v1/pods?fieldSelector=" + percent_encode("spec.nodeName=" + step.param("node"))),
      get("/apis/apps/v1/daemonsets")};
  if (asks_budgets(attempt)) {
    queries.requests.push_back(get("/apis/policy/v1/poddisruptionbudgets"));
  }
  return queries;
}

Decision decide_drain(const Step& step, const Attempt& attempt, const Answers& answers) {
  if (auto trouble = any_trouble(answers)) return wait_for(*trouble);
  return or_fail(judge(step, attempt, answers));
}

}  // namespace drover::plans
