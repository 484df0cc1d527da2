#include "plans/steps/drain_round.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "inventory/base/text.h"
#include "plans/drain_forecast.h"
#include "plans/steps/drain_serving.h"
#include "plans/steps/drain_text.h"
#include "plans/steps/drain_volumes.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

using std::chrono::milliseconds;

constexpr const char* kTold = "told";           // note: pods that a drain_changed has named
constexpr const char* kToldLoss = "told_loss";  // note: what is lost was said
constexpr const char* kHeld = "held";           // note: "uid=seconds ...": since when kept back
constexpr const char* kKnown = "known";         // note: uids of the pods that are to go
constexpr const char* kFirstLook = "first";     // note: seconds, when the node was first looked at
constexpr const char* kReturned = "returned";   // note: owners whose return was told
constexpr size_t kNamedInRound = 20;            // pods that a notice names
// A scheduler that has not heard of the cordon yet may still choose the node.
constexpr Seconds kUnaware{5};

std::map<std::string, Seconds> held_before(const Attempt& attempt) {
  std::map<std::string, Seconds> held;
  for (const std::string& entry : split_words(attempt.note(kHeld))) {
    const size_t equals = entry.find('=');
    held[entry.substr(0, equals)] = Seconds{std::stod(entry.substr(equals + 1))};
  }
  return held;
}

std::set<std::string> words_in(const std::string& text) {
  const std::vector<std::string> words = split_words(text);
  return {words.begin(), words.end()};
}

std::string text_of(const std::map<std::string, Seconds>& held) {
  std::vector<std::string> entries;
  for (const auto& [uid, since] : held) {
    entries.push_back(fmt::format("{}={:.3f}", uid, since.count()));
  }
  return join(entries, " ");
}

bool serves(const Leaving& one) {
  return one.turn.kind == DrainTurn::Evict && !serving_question(*one.pod).empty();
}

}  // namespace

DrainRound::DrainRound(const Step& step, const Attempt& attempt, const DrainSight& sight,
                       const DrainSelection& selection)
    : step_(step),
      attempt_(attempt),
      sight_(sight),
      selection_(selection),
      budgets_(sight.budgets ? BudgetIndex(*sight.budgets) : BudgetIndex()),
      known_(words_in(attempt.note(kKnown))),
      first_look_(attempt.note(kFirstLook).empty() ? attempt.elapsed
                                                   : Seconds{std::stod(attempt.note(kFirstLook))}),
      held_since_(held_before(attempt)) {
  std::map<std::string, std::vector<const Sent*>> by_uid;
  for (const Sent& sent : attempt.sent) by_uid[sent.params.at("uid")].push_back(&sent);
  const std::string_view verb = step.param("by") == "deletion" ? "delete" : "evict";
  for (const Pod* pod : selection.evict) {
    const auto& sent = by_uid[pod->uid];
    if (!belongs(*pod, !sent.empty())) {
      returned_.push_back(pod);
      continue;
    }
    const Budgets covering = budgets_.covering(*pod);
    leaving_.push_back({pod, drain_turn(*pod, sent, attempt.elapsed, verb),
                        sent.empty() ? nullptr : sent.back(),
                        covering.empty() ? nullptr : covering.front()});
  }
  use_budget_room();
  if (step.param("keep_serving") == "true") keep_serving();
}

// What comes onto a cordoned node names it or tolerates its cordon, and would come again as often
// as it is evicted: like a DaemonSet's pod it stays, and as with kubectl a drain is about the pods
// that it found.
bool DrainRound::belongs(const Pod& pod, bool sent) {
  if (sent || known_.contains(pod.uid)) return true;
  if (attempt_.elapsed - first_look_ > kUnaware) return false;
  known_.insert(pod.uid);
  return true;
}

// A budget that has room again need not be tried blindly: its pods' turns come at once, as many as
// it has room for.
void DrainRound::use_budget_room() {
  if (!sight_.budgets) return;
  std::map<const PodDisruptionBudget*, int> room;
  for (Leaving& one : leaving_) {
    if (one.turn.kind != DrainTurn::Budget || one.budget == nullptr) continue;
    if (one.sent->answer->retry_after || too_early(attempt_, *one.sent)) continue;
    const auto left = room.emplace(one.budget, one.budget->disruptions_allowed).first;
    if (left->second-- > 0) one.turn.kind = DrainTurn::Evict;
  }
}

void DrainRound::keep_serving() {
  std::map<std::string, std::vector<Leaving*>> by_owner;
  for (Leaving& one : leaving_) {
    if (!serves(one) || one.budget != nullptr) continue;
    const bool known = sight_.budgets && sight_.serving &&
                       sight_.serving->asked.contains(serving_question(*one.pod));
    if (!known) {
      one.turn.kind = DrainTurn::Unjudged;
    } else {
      by_owner[replicas_key(*one.pod)].push_back(&one);
    }
  }
  for (auto& [key, pods] : by_owner) judge_last(key, pods);
}

void DrainRound::judge_last(const std::string& key, std::vector<Leaving*>& pods) {
  std::vector<const Pod*> list;
  for (const Leaving* one : pods) list.push_back(one->pod);
  const Pod* last = kept_back(key, list, *sight_.serving);
  for (Leaving* one : pods) {
    if (one->pod == last) hold(*one);
  }
}

void DrainRound::hold(Leaving& last) {
  const auto [since, first] = held_since_.emplace(last.pod->uid, attempt_.elapsed);
  const Seconds most = longest_hold(step_.timeout);
  if (attempt_.elapsed - since->second < most) {
    last.turn.kind = DrainTurn::Held;
    return;
  }
  if (last.sent != nullptr) return;  // told when it was first sent
  const std::string name = last.pod->full_name();
  notices_.push_back(
      {"not-served",
       fmt::format(
           "{} goes though no other pod of {} is Ready elsewhere: none came within {:.0f} s", name,
           owner_text(*last.pod), most.count()),
       {name}});
}

Decision DrainRound::decide() {
  Decision decision = next();
  if (const auto* failed = std::get_if<Fail>(&decision.next)) return fail(failed->error);
  ask(decision.remember);
  decision.notices = std::move(notices_);
  tell_loss(decision);
  tell_changes(decision);
  tell_returned(decision);
  return decision;
}

Decision DrainRound::next() const {
  if (leaving_.empty()) {
    PodList staying = selection_.ignored;
    staying.insert(staying.end(), returned_.begin(), returned_.end());
    return await_detach(step_, attempt_, sight_, staying, summary());
  }
  if (holds(DrainTurn::Evict)) {
    Decision decision{evictions(), {}, {}};
    std::set<std::string> claims = claims_left(step_, attempt_);
    bool more = false;
    for (const Leaving& one : leaving_) more = add_claims(*one.pod, claims) || more;
    if (!more) return decision;
    const std::string text = join({claims.begin(), claims.end()}, " ");
    std::get<Send>(decision.next).before[kClaims] = text;
    decision.remember[kClaims] = text;
    return decision;
  }
  if (holds(DrainTurn::Unjudged)) {
    return wait_for("who else serves", milliseconds{0});
  }
  if (count(DrainTurn::Hopeless) == leaving_.size()) return fail(hopeless());
  Decision decision = wait_for(drain_waits_for(leaving_), pause());
  Wait& wait = std::get<Wait>(decision.next);
  wait.late = drain_is_late(step_.param("node"), leaving_);
  wait.remedy = drain_remedy(leaving_);
  return decision;
}

size_t DrainRound::count(Kind kind) const {
  return static_cast<size_t>(std::count_if(
      leaving_.begin(), leaving_.end(), [&](const Leaving& one) { return one.turn.kind == kind; }));
}

Send DrainRound::evictions() const {
  Send send;
  for (const Leaving& one : leaving_) {
    if (one.turn.kind != DrainTurn::Evict) continue;
    send.instances.push_back(
        {0, {{"namespace", one.pod->ns}, {"pod", one.pod->name}, {"uid", one.pod->uid}}});
  }
  return send;
}

Error DrainRound::hopeless() const {
  Error error = leaving_.front().turn.error;
  std::vector<std::string> others;
  for (size_t i = 1; i < leaving_.size(); ++i) others.push_back(leaving_[i].pod->full_name());
  if (!others.empty()) error.message += fmt::format("; nor {}", some_of(others));
  return error;
}

// Most pods go within the first seconds. Later the node is asked once a second.
milliseconds DrainRound::pause() const {
  // ask for their numbers
  if (holds(DrainTurn::Budget) && !sight_.budgets) return milliseconds{0};
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
  return std::max(pause, milliseconds{0});
}

std::string DrainRound::summary() const {
  std::set<std::string> gone;
  for (const Sent& sent : attempt_.sent) {
    if (sent.answer && sent.answer->ok()) gone.insert(sent.params.at("uid"));
  }
  const std::string& node = step_.param("node");
  if (gone.empty()) return fmt::format("{} had no pods to evict", node);
  const char* how = step_.param("by") == "deletion" ? "deleted" : "evicted";
  return fmt::format("{} pod{} {} from {}", gone.size(), gone.size() == 1 ? "" : "s", how, node);
}

// What the next look needs besides the pods: budgets that something waits for, and who else serves
// of controllers whose pods are still to be sent.
void DrainRound::ask(Notes& remember) const {
  std::set<std::string> serving;
  bool refused = false;  // tried before, and no room then
  for (const Leaving& one : leaving_) {
    refused = refused || one.turn.kind == DrainTurn::Budget ||
              (one.turn.kind == DrainTurn::Evict && one.sent != nullptr);
    const bool open = one.turn.kind == DrainTurn::Unjudged || one.turn.kind == DrainTurn::Held ||
                      (one.turn.kind == DrainTurn::Later && one.budget == nullptr);
    const std::string question = open ? serving_question(*one.pod) : "";
    if (!question.empty() && step_.param("keep_serving") == "true") serving.insert(question);
  }
  remember[kAskBudgets] = refused || !serving.empty() ? "yes" : "";
  remember[kAskServing] = join({serving.begin(), serving.end()}, " ");
  remember[kHeld] = text_of(held_since_);
  remember[kKnown] = join({known_.begin(), known_.end()}, " ");
  remember[kFirstLook] = fmt::format("{:.3f}", first_look_.count());
}

// What kubectl would warn of, before anything of it is done.
void DrainRound::tell_loss(Decision& decision) const {
  if (!std::holds_alternative<Send>(decision.next) || !attempt_.note(kToldLoss).empty()) return;
  std::vector<std::string> lines;
  for (const auto& [loss, pods] : selection_.loss) {
    if (loss == DrainLoss::IgnoredDaemonSet) continue;  // nothing is done to them
    lines.push_back(loss_text(loss, pods, kNamedInRound));
  }
  decision.remember[kToldLoss] = "yes";
  if (lines.empty()) return;
  decision.notices.push_back(
      {"drain", fmt::format("{}: {}", step_.param("node"), join(lines, "; ")), {}});
}

void DrainRound::tell_returned(Decision& decision) const {
  std::set<std::string> told = words_in(attempt_.note(kReturned));
  std::vector<std::string> names;
  for (const Pod* pod : returned_) {
    const std::string owner = pod->controller ? pod->controller->uid : pod->uid;
    if (told.insert(owner).second) names.push_back(pod->full_name());
  }
  if (names.empty()) return;
  decision.notices.push_back(
      {"came-back",
       fmt::format("{}: came onto the node though it is cordoned, and stays: {} (it names the node "
                   "or tolerates the cordon; more of its kind may come)",
                   step_.param("node"), some_of(names)),
       names});
  decision.remember[kReturned] = join({told.begin(), told.end()}, " ");
}

// The plan foresaw pods by name; the same policy meets the pods of this moment (S3).
void DrainRound::tell_changes(Decision& decision) const {
  const std::set<std::string> foreseen = words_in(step_.param("foreseen"));
  std::set<std::string> told = words_in(attempt_.note(kTold));
  std::vector<std::string> came;
  std::vector<std::string> gone;
  const bool sends = std::holds_alternative<Send>(decision.next);
  for (const Leaving& one : leaving_) {
    const std::string name = one.pod->full_name();
    const bool sent_now = sends && one.turn.kind == DrainTurn::Evict && one.sent == nullptr;
    if (sent_now && foreseen.count(name) == 0 && told.insert(name).second) came.push_back(name);
  }
  std::set<std::string> present;
  if (attempt_.sent.empty()) {
    for (const Pod& pod : sight_.pods) present.insert(pod.full_name());
  }
  for (const std::string& name : foreseen) {
    const bool missing = attempt_.sent.empty() && present.count(name) == 0;
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

}  // namespace drover::plans
