#include "plans/gates/gate.h"

#include <fmt/format.h>

#include <algorithm>

#include "inventory/base/duration.h"
#include "inventory/base/text.h"
#include "plans/gates/alerts.h"
#include "plans/gates/baseline.h"
#include "plans/gates/user_commands.h"
#include "plans/steps/hold.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kConditions = "conditions";
constexpr const char* kRestIsWell = "rest_is_well";  // note: the conditions that come last are due

std::vector<const Condition*> conditions_of(const Step& step) {
  std::vector<const Condition*> rows;
  for (const std::string& id : split_words(step.param(kConditions))) {
    if (const Condition* row = find_condition(id)) rows.push_back(row);
  }
  return rows;
}

bool due(const Condition& row, const Attempt& attempt) {
  return !row.last || attempt.note(kRestIsWell) == "yes";
}

bool of_kind(const Condition& row, StepKind kind) {
  return std::find(row.at.begin(), row.at.end(), kind) != row.at.end();
}

// Old damage is not waited for, unless it grew. A row with marks of its own has judged by them.
void drop_old_damage(const Condition& row, const std::optional<Marks>& before, Findings& findings) {
  if (!before || row.baseline != row.id || row.mark != nullptr) return;
  std::erase_if(findings.unwell, [&](const Unwell& unwell) {
    const auto old = before->find(unwell.subject);
    return old != before->end() && unwell.amount <= old->second;
  });
}

std::string in_words(const Findings& findings) {
  std::vector<std::string> words;
  for (const Unwell& unwell : findings.unwell) words.push_back(unwell.words);
  return some_of(words) + (findings.to.empty() ? "" : " " + findings.to);
}

void judge_row(const Condition& row, const Step& step, const Attempt& attempt, const Seen& seen,
               GateRound& round) {
  const std::optional<Marks> before =
      row.baseline.empty() ? std::nullopt : marks_before(step, attempt, row.baseline);
  Result<Findings> found = row.judge({step, attempt, seen, before ? &*before : nullptr});
  if (!found) {
    if (!round.refused) round.refused = std::move(found).error();
    return;
  }
  drop_old_damage(row, before, *found);
  if (!found->unwell.empty()) {
    (found->beside ? round.beside : round.missing).push_back(in_words(*found));
  }
  if (round.lacks.empty()) round.lacks = found->lacks;
  round.remember.merge(found->remember);
  for (Notice& notice : found->notices) round.notices.push_back(std::move(notice));
}

// Told from the start, so that the line says what takes long. The time to hold goes on meanwhile.
void await_beside(Decision& decision, const std::vector<std::string>& beside,
                  std::chrono::milliseconds interval) {
  if (beside.empty()) return;
  if (auto* wait = std::get_if<Wait>(&decision.next)) {
    wait->what += ", " + join(beside, ", ");
  } else {
    decision.next = Wait{join(beside, ", "), interval};
  }
}

}  // namespace

void configure_gate(Step& step, const UpgradePlan& file) {
  std::vector<std::string> ids;
  for (const Condition& row : all_conditions()) {
    const bool wanted = row.wanted == nullptr || row.wanted(file.health);
    if (wanted && of_kind(row, step.kind)) ids.emplace_back(row.id);
  }
  step.params[kConditions] = join(ids, " ");
  step.params["consecutive"] = std::to_string(file.health.consecutive);
  step.params["interval"] = format_duration(file.health.interval);
  put_alerts(step, file.health.prometheus);
  put_commands(step, file.health.commands);
  step.timeout = file.health.timeout;
}

Queries gate_queries(const Step& step, const Attempt& attempt) {
  Queries queries;
  for (const Condition* row : conditions_of(step)) {
    if (due(*row, attempt)) ask(queries, row->look(step, attempt));
  }
  return queries;
}

GateRound judge_gate_round(const Step& step, const Attempt& attempt, const Answers& answers) {
  GateRound round;
  if (auto trouble = any_trouble(answers)) {
    round.missing.push_back(*trouble);
    return round;
  }
  const Queries queries = kind_of(step.kind).look(step, attempt);
  const Seen seen(queries, answers);
  const auto judge = [&](const Condition& row) { judge_row(row, step, attempt, seen, round); };
  std::vector<const Condition*> last;
  for (const Condition* row : conditions_of(step)) {
    row->last ? last.push_back(row) : judge(*row);
  }
  if (last.empty()) return round;
  const bool well = round.missing.empty() && !round.refused && round.lacks.empty();
  round.remember[kRestIsWell] = well ? "yes" : "";
  for (const Condition* row : last) {
    if (due(*row, attempt)) judge(*row);
    if (!due(*row, attempt) && well && round.lacks.empty()) round.lacks = row->about;
  }
  return round;
}

Decision decide_round(const Step& step, const Attempt& attempt, GateRound round,
                      const std::string& message, std::chrono::milliseconds pause) {
  const auto duration = [&](const char* param, std::chrono::seconds absent) {
    return parse_duration(step.param(param)).value_or(absent);
  };
  Decision decision;
  if (round.missing.empty() && !round.lacks.empty()) {
    decision = wait_for(round.lacks, std::chrono::milliseconds{0});
  } else {
    const std::chrono::milliseconds interval = duration("interval", std::chrono::seconds{1});
    HoldRule gate;
    gate.times = std::max(1, std::atoi(step.param("consecutive").c_str()));
    gate.least = duration("settle", std::chrono::seconds{0});
    gate.interval = round.missing.empty() ? interval : std::min(interval, pause);
    decision = hold(gate, attempt, round.missing, message);
    await_beside(decision, round.beside, interval);
  }
  if (auto* wait = std::get_if<Wait>(&decision.next)) {
    wait->remedy =
        "when it is well, `drover resume`; `health` in the plan file says what is asked, and may "
        "be edited before";
  }
  decision.remember.merge(round.remember);
  decision.notices = std::move(round.notices);
  return decision;
}

}  // namespace drover::plans
