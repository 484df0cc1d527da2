#include "orchestrator/state/run_memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "inventory/base/text.h"

namespace drover::orchestrator {
namespace {

using Fields = std::map<std::string, std::string>;

const std::string& at(const Fields& fields, const std::string& name) {
  static const std::string kNone;
  const auto found = fields.find(name);
  return found == fields.end() ? kNone : found->second;
}

template <class Number>
Number number(const std::string& text) {
  Number value{};
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

std::optional<StepStatus> read_status(const std::string& name) {
  using enum StepStatus;
  for (const StepStatus status : {Succeeded, Skipped, Failed, Unknown, Cancelled}) {
    if (status_name(status) == name) return status;
  }
  return std::nullopt;
}

void begin(StepMemory& step, const Record& record) {
  step.attempt = record.attempt;
  step.begun_at = record.seq;
  step.status.reset();
  step.waived = false;
  step.began = record.time;
  step.ended.clear();
  step.message.clear();
}

/// The fields whose names begin with `prefix`, without it.
plans::Notes fields_below(const Fields& fields, std::string_view prefix) {
  plans::Notes notes;
  for (const auto& [name, value] : fields) {
    if (name.starts_with(prefix)) notes[name.substr(prefix.size())] = value;
  }
  return notes;
}

void intend(StepMemory& step, const Record& record) {
  step.may_have_changed = true;
  // What a second attempt finds may be the first one's doing: the oldest value counts.
  step.before.merge(fields_below(record.fields, "before."));
  const std::string& capsule = at(record.fields, "capsule");
  if (capsule.empty()) return;
  const auto same = [&](const OpenCommand& open) { return open.capsule == capsule; };
  std::erase_if(step.open, same);  // one that was never started is begun under its old name
  step.open.push_back({record.attempt, at(record.fields, "effect"),
                       number<std::size_t>(at(record.fields, "command")), capsule});
}

void learn(StepMemory& step, const Record& record) {
  const bool known = !at(record.fields, "exit_code").empty();
  const std::string& resolved = at(record.fields, "resolved");
  const bool gone = resolved == "lost" || resolved == "rebooted";
  for (auto open = step.open.begin(); open != step.open.end(); ++open) {
    if (open->attempt != record.attempt || open->effect != at(record.fields, "effect")) continue;
    open->known = known;
    if (gone) step.open.erase(open);
    return;
  }
}

void end(StepMemory& step, const Record& record) {
  step.attempt = record.attempt;
  step.status = read_status(at(record.fields, "status"));
  step.message = at(record.fields, "message");
  step.waived = !at(record.fields, "reason").empty();
  step.ended = record.time;
  step.duration_s = number<double>(at(record.fields, "duration_s"));
  step.notes = fields_below(record.fields, "note.");
  std::erase_if(step.open, [](const OpenCommand& open) { return open.known; });
}

void take_step(RunMemory& memory, const Record& record) {
  StepMemory& step = memory.steps[record.step];
  if (record.type == "step-begun") begin(step, record);
  if (record.type == "effect-intent") intend(step, record);
  if (record.type == "effect-outcome") learn(step, record);
  if (record.type == "step-ended") end(step, record);
  if (record.type == "step-deferred") step.deferred = at(record.fields, "blocked_by");
}

void take_run(RunMemory& memory, const Record& record) {
  memory.end.reset();
  if (record.type == "run-ended") {
    memory.end =
        ProcessEnd{at(record.fields, "status"), number<int>(at(record.fields, "exit_code")),
                   record.time, at(record.fields, "reason")};
  }
  // A run that ended at a pause goes on because somebody says so.
  const std::string& pause = at(record.fields, "pause");
  if (!pause.empty()) memory.pauses.insert(pause);
  if (record.type == "run-resumed") ++memory.resumes;
}

}  // namespace

bool RunMemory::unfinished() const {
  if (steps.empty()) return false;
  return !end || (end->status != "succeeded" && end->status != "cancelled");
}

std::set<std::string> RunMemory::done() const {
  std::set<std::string> ids;
  for (const auto& [id, step] : steps) {
    if (step.done()) ids.insert(id);
  }
  return ids;
}

bool RunMemory::succeeded() const { return !steps.empty() && end && end->status == "succeeded"; }

namespace {
constexpr std::string_view kEtcdRestore = "etcd restore";
}

bool supersedes(const RunMemory& later, const RunMemory& earlier) {
  if (!later.succeeded()) return false;
  // A control plane that stands still is made good by nothing but a restore.
  if (earlier.command == kEtcdRestore) return later.command == kEtcdRestore;
  if (!later.is_node_command()) return true;
  return earlier.family() == later.family() &&
         std::all_of(earlier.hosts.begin(), earlier.hosts.end(), [&](const std::string& host) {
           return std::find(later.hosts.begin(), later.hosts.end(), host) != later.hosts.end();
         });
}

Result<RunMemory> remember(const std::vector<Record>& records) {
  if (records.empty() || records.front().type != "run-begun") {
    return Error{.kind = ErrorKind::State,
                 .message = "its journal does not say which run it is of",
                 .remedy = "nothing was done in it: its folder may be removed"};
  }
  const Fields& header = records.front().fields;
  RunMemory memory;
  memory.run = at(header, "run");
  memory.cluster = at(header, "cluster");
  memory.cluster_uid = at(header, "cluster_uid");
  memory.plan_id = at(header, "plan_id");
  memory.upgrade_file = at(header, "upgrade_file");
  memory.inventory_file = at(header, "inventory_file");
  memory.command = at(header, "command");
  memory.hosts = split_words(at(header, "hosts"));
  memory.began = records.front().time;
  for (const Record& record : records) {
    memory.last = record.time;
    if (record.step.empty()) {
      take_run(memory, record);
    } else {
      memory.end.reset();
      take_step(memory, record);
    }
  }
  return memory;
}

}  // namespace drover::orchestrator
