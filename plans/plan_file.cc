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
  ordered_json object;
  object["id"] = step.id;
  object["kind"] = kind_of(step.kind).name;
  if (!step.node.empty()) object["node"] = step.node;
  if (!step.host.empty()) object["host"] = step.host;
  object["title"] = step.title;
  object["why"] = step.why;
  object["needs"] = step.needs;
  object["mutates"] = step.mutates();
  object["commands"] = ordered_json::array();
  for (const Command& command : step.commands) object["commands"].push_back(command.script);
  object["requests"] = ordered_json::array();
  for (const ApiRequest& request : step.requests)
    object["requests"].push_back(request_json(request));
  object["timeout_s"] = step.timeout.count();
  object["estimate_s"] = step.estimate.count();
  object["params"] = ordered_json(step.params);
  return object;
}

ordered_json verdict_json(const Verdict& verdict) {
  return {{"check", verdict.check},     {"severity", severity_name(verdict.severity)},
          {"subject", verdict.subject}, {"message", verdict.message},
          {"remedy", verdict.remedy},   {"override", verdict.override_}};
}

ordered_json drain_json(const ForeseenDrain& drain) {
  return {{"node", drain.node},
          {"evicts", drain.evicts},
          {"blocked_by", drain.blocked_by},
          {"pending", drain.pending}};
}

ordered_json to_json(const Plan& plan) {
  ordered_json object;
  object["schema"] = kSchema;
  object["id"] = plan.id;
  object["created"] = plan.created;
  object["cluster"] = plan.cluster;
  object["from"] = plan.from;
  object["target"] = plan.target;
  object["hops"] = plan.hops;
  object["inventory_sha256"] = plan.inventory_sha256;
  object["plan_sha256"] = plan.plan_sha256;
  object["fingerprint"] = ordered_json(plan.fingerprint);
  object["preamble"] = plan.preamble;
  object["steps"] = ordered_json::array();
  for (const Step& step : plan.steps) object["steps"].push_back(step_json(step));
  object["verdicts"] = ordered_json::array();
  for (const Verdict& verdict : plan.verdicts) object["verdicts"].push_back(verdict_json(verdict));
  object["drains"] = ordered_json::array();
  for (const ForeseenDrain& drain : plan.drains) object["drains"].push_back(drain_json(drain));
  return object;
}

// What nodes say may be in a plan; it need not be UTF-8.
template <class Json>
std::string text_of(const Json& object, int indent) {
  return object.dump(indent, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::string plan_json(const Plan& plan, int indent) { return text_of(to_json(plan), indent); }

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
