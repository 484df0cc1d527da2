#include "plans/gates/baseline.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/text.h"
#include "plans/steps/reading.h"

namespace drover::plans {
namespace {

constexpr const char* kBaselines = "baselines";  // ids, of those in kMayMark that the file wants
constexpr const char* kMayMark = "may_mark";
constexpr const char* kBefore = "before";

// "v1.34/cluster/preflight" for a step of v1.34.
std::string preflight_of(const Step& step) {
  return fmt::format("{}/cluster/{}", step.id.substr(0, step.id.find('/')),
                     kind_of(StepKind::Preflight).name);
}

Marks read_marks(const std::string& text) {
  Marks marks;
  for (const std::string& word : split_words(text)) {
    const size_t equals = word.rfind('=');
    if (equals == std::string::npos) continue;
    int& number = marks[word.substr(0, equals)];
    std::from_chars(word.data() + equals + 1, word.data() + word.size(), number);
  }
  return marks;
}

// What this step, in this attempt or an earlier one, has noted already.
const std::string& taken(const Step& step, const Attempt& attempt, const std::string& id) {
  const std::string& now = attempt.note(marks_note(id));
  return now.empty() ? attempt.note_of(step.id, marks_note(id)) : now;
}

std::vector<const Condition*> not_taken(const Step& step, const Attempt& attempt) {
  std::vector<const Condition*> rows;
  for (const std::string& id : split_words(step.param(kBaselines))) {
    const Condition* row = find_condition(id);
    if (row != nullptr && taken(step, attempt, id).empty()) rows.push_back(row);
  }
  return rows;
}

Result<Marking> amounts_missing(const Condition& row, const GateInput& input) {
  DROVER_TRY_ASSIGN(Findings findings, row.judge(input));
  Marking marking{{}, std::move(findings.lacks), std::move(findings.remember)};
  for (const Unwell& unwell : findings.unwell) marking.marks[unwell.subject] = unwell.amount;
  return marking;
}

struct Taking {
  Notes notes;
  std::string lacks;
};

Status take(const Condition& row, const GateInput& input, Taking& taking) {
  DROVER_TRY_ASSIGN(Marking marking,
                    row.mark != nullptr ? row.mark(input) : amounts_missing(row, input));
  taking.notes.merge(marking.remember);
  if (marking.lacks.empty()) {
    taking.notes[marks_note(row.id)] = marks_text(marking.marks);
  } else {
    taking.lacks = std::move(marking.lacks);
  }
  return {};
}

Result<Taking> take_all(const Step& step, const Attempt& attempt, const Answers& answers) {
  const Queries queries = kind_of(step.kind).look(step, attempt);
  const Seen seen(queries, answers);
  Taking taking;
  for (const std::string& id : split_words(step.param(kBaselines))) {
    const std::string& old = taken(step, attempt, id);
    if (!old.empty()) taking.notes[marks_note(id)] = old;
  }
  for (const Condition* row : not_taken(step, attempt)) {
    DROVER_TRY(take(*row, {step, attempt, seen, nullptr}, taking));
  }
  return taking;
}

// Of one API server among several the watches move to the others and stay there.
std::string watches_if_alone(const Inventory& inventory) {
  const auto is_control_plane = [](const Host& host) { return host.has(Role::ControlPlane); };
  const auto& hosts = inventory.hosts;
  const bool alone = std::count_if(hosts.begin(), hosts.end(), is_control_plane) == 1;
  return alone ? " service-watches" : "";
}

}  // namespace

void take_marks(Step& cordon, const Host& host, const Inventory& inventory,
                const UpgradePlan& file) {
  cordon.params[kMayMark] = host.has(Role::ControlPlane)
                                ? "workloads" + watches_if_alone(inventory)
                                : "daemonsets budgets workloads webhooks api-services";
  configure_baselines(cordon, file);
}

void take_marks_of_cluster(Step& preflight, const Inventory& inventory, const UpgradePlan& file) {
  preflight.params[kMayMark] = "budgets webhooks api-services" + watches_if_alone(inventory);
  configure_baselines(preflight, file);
}

void judge_by_marks_before(Step& gate, const Host& host) {
  const std::string cordon = sibling(gate, StepKind::Cordon);
  gate.params[kBefore] =
      host.has(Role::ControlPlane) ? fmt::format("{} {}", preflight_of(gate), cordon) : cordon;
}

void judge_by_marks_at_start(Step& gate) { gate.params[kBefore] = preflight_of(gate); }

void configure_baselines(Step& step, const UpgradePlan& file) {
  std::vector<std::string> kept;
  for (const std::string& id : split_words(step.param(kMayMark))) {
    const Condition* row = find_condition(id);
    const bool off = row == nullptr || (row->wanted != nullptr && !row->wanted(file.health));
    if (!off) kept.push_back(id);
  }
  step.params[kBaselines] = join(kept, " ");
}

void ask_baselines(const Step& step, const Attempt& attempt, Queries& queries) {
  for (const Condition* row : not_taken(step, attempt)) ask(queries, row->look(step, attempt));
}

Decision keep_baselines(const Step& step, const Attempt& attempt, const Answers& answers,
                        Decision decision) {
  auto* send = std::get_if<Send>(&decision.next);
  if (send == nullptr && !std::holds_alternative<Done>(decision.next)) return decision;
  Result<Taking> taking = take_all(step, attempt, answers);
  if (!taking) return fail(std::move(taking).error());
  if (!taking->lacks.empty()) {
    Decision wait = wait_for(taking->lacks, std::chrono::milliseconds{0});
    wait.remember = std::move(taking->notes);
    return wait;
  }
  if (send != nullptr) {
    for (const auto& [name, value] : taking->notes) {
      if (name.starts_with(marks_note(""))) send->before.emplace(name, value);
    }
  }
  decision.remember.merge(taking->notes);
  return decision;
}

std::optional<Marks> marks_before(const Step& step, const Attempt& attempt, std::string_view id) {
  const std::string note = marks_note(id);
  for (const std::string& earlier : split_words(step.param(kBefore))) {
    const std::string& text = attempt.note_of(earlier, note);
    if (!text.empty()) return read_marks(text);
  }
  const std::string& planned = step.param(note);
  if (planned.empty()) return std::nullopt;
  return read_marks(planned);
}

std::optional<Marks> highest_marks_before(const Step& step, const Attempt& attempt,
                                          std::string_view id) {
  std::optional<Marks> highest;
  for (const std::string& earlier : split_words(step.param(kBefore))) {
    const std::string& text = attempt.note_of(earlier, marks_note(id));
    if (text.empty()) continue;
    if (!highest) highest.emplace();
    for (const auto& [subject, number] : read_marks(text)) {
      int& high = highest->try_emplace(subject, number).first->second;
      high = std::max(high, number);
    }
  }
  return highest;
}

std::string marks_text(const Marks& marks) {
  std::vector<std::string> words;
  for (const auto& [subject, number] : marks)
    words.push_back(fmt::format("{}={}", subject, number));
  return words.empty() ? "-" : join(words, " ");
}

std::string marks_note(std::string_view id) { return "was:" + std::string(id); }

}  // namespace drover::plans
