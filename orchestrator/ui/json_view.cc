#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "orchestrator/ui/views.h"
#include "plans/plan_file.h"

namespace drover::orchestrator {
namespace {

using nlohmann::ordered_json;

constexpr int kVersion = 1;

// ASCII only: what a node said may be text that acts on a terminal (S13), and need not be UTF-8.
std::string line_of(const ordered_json& json) {
  return json.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

void put_step(ordered_json& json, const StepRef& step) {
  json["step"] = step.id;
  json["kind"] = step.kind;
  if (!step.node.empty()) json["node"] = step.node;
}

double milliseconds(double seconds) { return std::round(seconds * 1000) / 1000; }

// One overload an event: its name and its own keys.
struct Describe {
  ordered_json& json;

  void operator()(const RunStarted& e) const {
    json["event"] = "run_started";
    json["cluster"] = e.cluster;
    json["target"] = e.target;
    json["command"] = e.command;
  }
  void operator()(const PlanMade& e) const {
    json["event"] = "plan";
    json["plan"] = ordered_json::parse(plans::plan_json(e.plan, -1));
    if (!e.done.empty()) json["done"] = e.done;
  }
  void operator()(const StepStarted& e) const {
    json["event"] = "step_started";
    put_step(json, e.step);
    json["attempt"] = e.attempt;
  }
  void operator()(const StepProgress& e) const {
    json["event"] = "step_progress";
    put_step(json, e.step);
    json["attempt"] = e.attempt;
    json["waiting_for"] = e.waiting_for;
  }
  void operator()(const StepFinished& e) const {
    json["event"] = "step_finished";
    put_step(json, e.step);
    json["status"] = status_name(e.status);
    json["attempt"] = e.attempt;
    json["duration_s"] = milliseconds(e.duration_s);
    json["message"] = e.message;
    if (e.status == StepStatus::Failed || e.status == StepStatus::Unknown) {
      json["error"] = {{"kind", error_kind_name(e.error.kind)},
                       {"message", e.error.message},
                       {"remedy", e.error.remedy}};
    }
  }
  void operator()(const DrainChanged& e) const {
    json["event"] = "drain_changed";
    put_step(json, e.step);
    json["pods"] = e.pods;
    json["message"] = e.message;
  }
  void operator()(const StepDeferred& e) const {
    json["event"] = "step_deferred";
    put_step(json, e.step);
    json["attempt"] = e.attempt;
    json["blocked_by"] = e.blocked_by;
    json["comes_again"] = e.comes_again;
  }
  void operator()(const Warning& e) const {
    json["event"] = "warning";
    json["code"] = e.code;
    json["message"] = e.message;
  }
  void operator()(const RunPaused& e) const {
    json["event"] = "run_paused";
    json["reason"] = e.reason;
  }
  void operator()(const RunFinished& e) const {
    json["event"] = "run_finished";
    json["status"] = status_name(e.status);
    json["exit_code"] = e.exit_code;
    json["left"] = e.left;
    json["message"] = e.message;
  }
};

}  // namespace

std::string json_line(const Event& event) {
  ordered_json json;
  json["v"] = kVersion;
  json["seq"] = event.seq;
  json["time"] = event.time;
  json["run"] = event.run;
  std::visit(Describe{json}, event.what);
  return line_of(json);
}

void JsonView::on(const Event& event) {
  const std::string line = json_line(event) + '\n';
  std::fwrite(line.data(), 1, line.size(), out_);
  std::fflush(out_);
}

}  // namespace drover::orchestrator
