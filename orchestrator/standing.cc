#include "orchestrator/standing.h"

#include <algorithm>
#include <set>

#include "plans/steps/kind.h"

namespace drover::orchestrator {
namespace {

using Steps = std::vector<const StepStanding*>;

RunState state_of(const ListedRun& run) {
  if (!run.memory) return RunState::Unreadable;
  if (run.holder) return RunState::Running;
  if (run.memory->steps.empty()) return RunState::NotBegun;
  if (!run.memory->end) return RunState::Killed;
  const std::string& status = run.memory->end->status;
  if (status == "succeeded") return RunState::Succeeded;
  if (status == "interrupted") return RunState::Interrupted;
  if (status == "paused") return RunState::Paused;
  if (status == "cancelled") return RunState::Cancelled;
  return RunState::Failed;
}

// v1.34/w1/drain
StepStanding from_id(const std::string& id) {
  StepStanding step{.id = id};
  const std::size_t first = id.find('/');
  const std::size_t last = id.rfind('/');
  if (first == std::string::npos || first == last) return step;
  step.kind = id.substr(last + 1);
  step.node = id.substr(first + 1, last - first - 1);
  if (step.node == "cluster") step.node.clear();
  return step;
}

std::vector<StepStanding> planned(const plans::Plan& plan) {
  std::vector<StepStanding> steps;
  for (const plans::Step& step : plan.steps) {
    steps.push_back({.id = step.id,
                     .kind = std::string(plans::kind_of(step.kind).name),
                     .node = step.node,
                     .host = step.host,
                     .title = step.title,
                     .needs = step.needs,
                     .has_output = !step.commands.empty()});
  }
  return steps;
}

/// In the order in which they were begun.
std::vector<StepStanding> begun(const RunMemory& memory) {
  std::vector<StepStanding> steps;
  for (const auto& [id, step] : memory.steps) steps.push_back(from_id(id));
  std::stable_sort(steps.begin(), steps.end(), [&](const StepStanding& a, const StepStanding& b) {
    return memory.steps.at(a.id).began < memory.steps.at(b.id).began;
  });
  return steps;
}

void add_memory(StepStanding& step, const RunMemory& memory, const EventNotes& notes) {
  const auto found = memory.steps.find(step.id);
  if (found == memory.steps.end()) {
    step.has_output = false;
    return;
  }
  step.memory = found->second;
  step.has_output = step.has_output && step.memory->may_have_changed;
  const auto note = [&](const std::map<std::string, std::string>& texts) {
    const auto text = texts.find(step.id);
    return text == texts.end() ? "" : text->second;
  };
  if (step.open()) step.waiting_for = note(notes.waiting_for);
  if (step.failed()) step.remedy = note(notes.remedies);
}

bool is_staging(const StepStanding& step) {
  return step.kind == "stage-packages" || step.kind == "stage-images";
}

// A cordon that is taken back and done again shows the newer of the two.
CordonState after_cordon(const StepStanding& step, CordonState before) {
  if (!step.memory || (step.kind != "cordon" && step.kind != "uncordon")) return before;
  if (step.done()) {
    if (step.kind == "uncordon") return before == CordonState::Others ? before : CordonState::No;
    const auto ours = step.memory->notes.find("ours");
    const bool others = ours != step.memory->notes.end() && ours->second == "no";
    return others ? CordonState::Others : CordonState::Ours;
  }
  return step.memory->may_have_changed ? CordonState::Unsure : before;
}

CordonState cordon_of(const Steps& steps) {
  Steps changes;
  for (const StepStanding* step : steps) {
    if (step->memory) changes.push_back(step);
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const StepStanding* a, const StepStanding* b) {
                     return a->memory->began < b->memory->began;
                   });
  CordonState state = CordonState::No;
  for (const StepStanding* step : changes) state = after_cordon(*step, state);
  return state;
}

const StepStanding* first_that(const Steps& steps, bool (*holds)(const StepStanding&)) {
  const auto found = std::find_if(steps.begin(), steps.end(),
                                  [&](const StepStanding* step) { return holds(*step); });
  return found == steps.end() ? nullptr : *found;
}

NodeStanding node_standing(const std::string& node, const Steps& steps) {
  NodeStanding standing{.node = node, .total = steps.size(), .cordon = cordon_of(steps)};
  for (const StepStanding* step : steps) {
    standing.done += step->done();
    standing.begun = standing.begun || (step->memory && !is_staging(*step));
  }
  standing.at = first_that(steps, [](const StepStanding& step) { return step.failed(); });
  if (standing.at == nullptr) {
    standing.at = first_that(steps, [](const StepStanding& step) { return step.open(); });
  }
  if (standing.at == nullptr) {
    standing.at = first_that(steps, [](const StepStanding& step) { return step.put_off(); });
  }
  if (standing.at == nullptr) {
    standing.at = first_that(steps, [](const StepStanding& step) { return !step.done(); });
  }
  return standing;
}

Steps those(const std::vector<StepStanding>& steps, bool (*holds)(const StepStanding&)) {
  Steps found;
  for (const StepStanding& step : steps) {
    if (holds(step)) found.push_back(&step);
  }
  return found;
}

}  // namespace

std::string_view run_state_name(RunState state) {
  switch (state) {
    case RunState::Running:
      return "running";
    case RunState::Succeeded:
      return "succeeded";
    case RunState::Failed:
      return "failed";
    case RunState::Interrupted:
      return "interrupted";
    case RunState::Paused:
      return "paused";
    case RunState::Cancelled:
      return "cancelled";
    case RunState::Killed:
      return "killed";
    case RunState::NotBegun:
      return "not-begun";
    case RunState::Unreadable:
      return "unreadable";
  }
  return "";
}

std::string_view cordon_name(CordonState state) {
  switch (state) {
    case CordonState::No:
      return "no";
    case CordonState::Ours:
      return "yes";
    case CordonState::Others:
      return "before";
    case CordonState::Unsure:
      return "unsure";
  }
  return "";
}

bool StepStanding::put_off() const {
  return memory && memory->status == StepStatus::Failed && !memory->deferred.empty();
}

bool StepStanding::failed() const {
  return memory && !put_off() &&
         (memory->status == StepStatus::Failed || memory->status == StepStatus::Unknown);
}

std::size_t Standing::done() const {
  return static_cast<std::size_t>(std::count_if(
      steps.begin(), steps.end(), [](const StepStanding& step) { return step.done(); }));
}

Steps Standing::failed() const {
  return those(steps, [](const StepStanding& step) { return step.failed(); });
}

Steps Standing::put_off() const {
  return those(steps, [](const StepStanding& step) { return step.put_off(); });
}

Steps Standing::open() const {
  return those(steps, [](const StepStanding& step) { return step.open(); });
}

Steps Standing::left() const {
  return those(steps, [](const StepStanding& step) { return !step.done(); });
}

Steps Standing::next() const {
  std::set<std::string> finished;
  for (const StepStanding& step : steps) {
    if (step.done()) finished.insert(step.id);
  }
  const std::vector<NodeStanding> all = nodes();
  const bool turn_open = std::any_of(all.begin(), all.end(), [](const NodeStanding& node) {
    return !node.node.empty() && node.begun && node.at != nullptr;
  });
  Steps found;
  for (const StepStanding* step : left()) {
    const bool needs_met =
        std::all_of(step->needs.begin(), step->needs.end(),
                    [&](const std::string& need) { return finished.count(need) > 0; });
    const bool running = step->open() && state == RunState::Running;
    const bool waits_its_turn = turn_open && step->kind == "cordon" && !step->memory;
    if (needs_met && !running && !waits_its_turn) found.push_back(step);
  }
  return found;
}

std::vector<NodeStanding> Standing::nodes() const {
  std::vector<std::string> order;
  std::map<std::string, Steps> by_node;
  for (const StepStanding& step : steps) {
    if (by_node[step.node].empty() && !step.node.empty()) order.push_back(step.node);
    by_node[step.node].push_back(&step);
  }
  if (by_node.count("") > 0) order.emplace_back();
  std::vector<NodeStanding> standings;
  for (const std::string& node : order) standings.push_back(node_standing(node, by_node[node]));
  return standings;
}

Standing standing_of(const ListedRun& run, const Result<plans::Plan>& plan,
                     const EventNotes& notes) {
  Standing standing{.run = run.id,
                    .cluster = run.cluster,
                    .folder = run.folder,
                    .state = state_of(run),
                    .superseded = run.superseded,
                    .holder = run.holder,
                    .warnings = notes.warnings};
  if (plan) {
    standing.from = plan->from;
    standing.target = plan->target;
    standing.work = plan->work;
    standing.steps = planned(*plan);
  } else {
    standing.no_plan = plan.error().message;
  }
  if (!run.memory) {
    standing.trouble = run.memory.error();
    standing.steps.clear();  // nothing is known of them
    return standing;
  }
  const RunMemory& memory = *run.memory;
  standing.began = memory.began;
  standing.last = memory.last;
  standing.resumes = memory.resumes;
  if (memory.end) standing.reason = memory.end->reason;
  standing.upgrade_file = memory.upgrade_file;
  // The end of what is being written just now is torn in the order of things.
  if (!run.holder) standing.cut = run.cut;
  if (!plan) standing.steps = begun(memory);
  for (StepStanding& step : standing.steps) add_memory(step, memory, notes);
  return standing;
}

}  // namespace drover::orchestrator
