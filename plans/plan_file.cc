#include "plans/plan_file.h"

#include <nlohmann/json.hpp>

#include "inventory/base/digest.h"
#include "plans/steps/kind.h"

namespace drover::plans {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kSchema = "drover/plan/1";

ordered_json request_json(const ApiRequest& request) {
  return {{"verb", verb_name(request.verb)}, {"path", request.path}, {"body", request.body}};
}

ordered_json step_json(const Step& step) {
  ordered_json json;
  json["id"] = step.id;
  json["kind"] = kind_of(step.kind).name;
  if (!step.node.empty()) json["node"] = step.node;
  if (!step.host.empty()) json["host"] = step.host;
  json["title"] = step.title;
  json["why"] = step.why;
  json["needs"] = step.needs;
  json["mutates"] = step.mutates();
  json["commands"] = ordered_json::array();
  for (const Command& command : step.commands) json["commands"].push_back(command.script);
  json["requests"] = ordered_json::array();
  for (const ApiRequest& request : step.requests) json["requests"].push_back(request_json(request));
  json["timeout_s"] = step.timeout.count();
  json["estimate_s"] = step.estimate.count();
  json["params"] = ordered_json(step.params);
  return json;
}

ordered_json verdict_json(const Verdict& verdict) {
  ordered_json json = {{"check", verdict.check},     {"severity", severity_name(verdict.severity)},
                       {"subject", verdict.subject}, {"message", verdict.message},
                       {"remedy", verdict.remedy},   {"override", nullptr}};
  if (!verdict.override_.empty()) json["override"] = verdict.override_;
  return json;
}

ordered_json verdicts_array(const std::vector<Verdict>& verdicts) {
  ordered_json json = ordered_json::array();
  for (const Verdict& verdict : verdicts) json.push_back(verdict_json(verdict));
  return json;
}

ordered_json drain_json(const ForeseenDrain& drain) {
  return {{"node", drain.node},
          {"evicts", drain.evicts},
          {"blocked_by", drain.blocked_by},
          {"pending", drain.pending}};
}

ordered_json to_json(const Plan& plan) {
  ordered_json json;
  json["schema"] = kSchema;
  json["id"] = plan.id;
  json["created"] = plan.created;
  json["cluster"] = plan.cluster;
  json["from"] = plan.from;
  json["target"] = plan.target;
  json["hops"] = plan.hops;
  json["inventory_sha256"] = plan.inventory_sha256;
  json["plan_sha256"] = plan.plan_sha256;
  json["fingerprint"] = ordered_json(plan.fingerprint);
  json["preamble"] = plan.preamble;
  json["steps"] = ordered_json::array();
  for (const Step& step : plan.steps) json["steps"].push_back(step_json(step));
  json["verdicts"] = verdicts_array(plan.verdicts);
  json["drains"] = ordered_json::array();
  for (const ForeseenDrain& drain : plan.drains) json["drains"].push_back(drain_json(drain));
  return json;
}

// What nodes say may be in a plan; it need not be UTF-8.
template <class Json>
std::string text_of(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string plan_json(const Plan& plan, int indent) { return text_of(to_json(plan), indent); }

std::string verdicts_json(const std::vector<Verdict>& verdicts) {
  return text_of(verdicts_array(verdicts), -1);
}

std::string plan_id(const Plan& plan) {
  json canonical = json::parse(plan_json(plan, -1));  // sorts the keys
  for (const char* key : {"id", "created", "verdicts", "drains"}) canonical.erase(key);
  for (json& step : canonical["steps"]) step.erase("estimate_s");
  return "sha256:" + sha256_hex(text_of(canonical, -1));
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::Blocker:
      return "blocker";
    case Severity::Warning:
      return "warning";
    case Severity::Info:
      return "info";
  }
  return "";
}

}  // namespace drover::plans
