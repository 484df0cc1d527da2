#include <nlohmann/json.hpp>

#include "orchestrator/ui/json_line.h"
#include "orchestrator/ui/run_texts.h"
#include "orchestrator/ui/words.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr int kFormat = 1;

// ASCII only: names and messages may be text that acts on a terminal, and need not be UTF-8 (S13).
ordered_json kind_of_line(std::string_view kind) { return {{"v", kFormat}, {"kind", kind}}; }

/// Text that may be absent: null then.
ordered_json or_null(const std::string& text) {
  return text.empty() ? ordered_json() : ordered_json(text);
}

void put_run(ordered_json& json, const Standing& run, const std::string& now) {
  const bool running = run.state == RunState::Running;
  const bool known = run.state != RunState::Unreadable;
  json["run"] = run.run;
  json["cluster"] = run.cluster;
  json["from"] = or_null(run.from);
  json["target"] = or_null(run.target);
  if (!run.work.empty()) json["work"] = run.work;
  json["state"] = run_state_name(run.state);
  json["began"] = or_null(run.began);
  json["last"] = or_null(run.last);
  json["duration_s"] = between(run.began, running ? now : run.last).count();
  json["done"] = known ? ordered_json(run.done()) : ordered_json();
  json["total"] = known && run.no_plan.empty() ? ordered_json(run.steps.size()) : ordered_json();
  json["resumes"] = run.resumes;
  json["reason"] = or_null(run.reason);
  json["folder"] = run.folder;
  json["trouble"] =
      or_null(known ? (run.no_plan.empty() ? run.cut : run.no_plan) : run.trouble.message);
  if (running) json["holder"] = {{"host", run.holder->host}, {"pid", run.holder->pid}};
}

std::string_view standing_name(const NodeStanding& node, bool running) {
  if (node.at == nullptr) return "done";
  if (node.at->failed()) return "failed";
  if (node.at->put_off()) return "deferred";
  if (node.at->open()) return running ? "running" : "cut-off";
  return "waiting";
}

ordered_json node_json(const NodeStanding& node, bool running) {
  return {{"node", or_null(node.node)},
          {"done", node.done},
          {"total", node.total},
          {"standing", standing_name(node, running)},
          {"step", node.at == nullptr ? ordered_json() : ordered_json(node.at->id)},
          {"cordoned", cordon_name(node.cordon)}};
}

ordered_json step_json(const StepStanding& step) {
  ordered_json json = {{"step", step.id}, {"kind", step.kind}, {"attempt", step.memory->attempt}};
  if (!step.node.empty()) json["node"] = step.node;
  return json;
}

ordered_json ids(const std::vector<const StepStanding*>& steps) {
  ordered_json list = ordered_json::array();
  for (const StepStanding* step : steps) list.push_back(step->id);
  return list;
}

void put_status(ordered_json& json, const StandingView& view) {
  const Standing& run = view.standing;
  const bool running = run.state == RunState::Running;
  put_run(json, run, view.now);
  for (const char* key : {"nodes", "open", "failed", "type_next"})
    json[key] = ordered_json::array();
  for (const NodeStanding& node : run.nodes()) json["nodes"].push_back(node_json(node, running));
  for (const StepStanding* step : run.open()) {
    ordered_json open = step_json(*step);
    open["began"] = step->memory->began;
    open["waiting_for"] = or_null(step->waiting_for);
    json["open"].push_back(open);
  }
  for (const StepStanding* step : run.failed()) {
    ordered_json failed = step_json(*step);
    failed["status"] = status_name(*step->memory->status);
    failed["message"] = step->memory->message;
    failed["remedy"] = or_null(step->remedy);
    json["failed"].push_back(failed);
  }
  json["left"] = ids(run.left());
  json["next"] = ids(run.next());
  for (const NextCommand& next : view.next) json["type_next"].push_back(next.line);
}

ordered_json log_json(const StepStanding& step) {
  const StepMemory& memory = *step.memory;
  ordered_json json = step_json(step);
  json["status"] = memory.status ? ordered_json(status_name(*memory.status)) : ordered_json();
  json["began"] = memory.began;
  json["ended"] = or_null(memory.ended);
  json["duration_s"] = memory.duration_s;
  json["message"] = memory.message;
  json["changed"] = memory.may_have_changed;
  json["before"] = ordered_json::object();
  for (const auto& [name, value] : memory.before) json["before"][name] = value;
  json["notes"] = ordered_json::object();
  for (const auto& [name, value] : memory.notes) json["notes"][name] = value;
  return json;
}

}  // namespace

std::string status_json(const StandingView* view) {
  ordered_json json = kind_of_line("Status");
  json["run"] = nullptr;
  if (view != nullptr) put_status(json, *view);
  return json_line(json);
}

std::string report_json(const StandingView* view) {
  ordered_json json = kind_of_line("Report");
  json["run"] = nullptr;
  if (view == nullptr) return json_line(json);
  put_status(json, *view);
  json["warnings"] = view->standing.warnings;
  json["log"] = ordered_json::array();
  for (const StepStanding& step : view->standing.steps) {
    if (step.memory) json["log"].push_back(log_json(step));
  }
  return json_line(json);
}

std::string runs_json(const std::vector<Standing>& runs, const std::string& now) {
  ordered_json json = kind_of_line("Runs");
  json["runs"] = ordered_json::array();
  for (const Standing& run : runs) {
    ordered_json one;
    put_run(one, run, now);
    json["runs"].push_back(one);
  }
  return json_line(json);
}

}  // namespace drover::orchestrator
