#include "plans/plan_file.h"

#include <exception>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "inventory/base/digest.h"
#include "inventory/base/text.h"
#include "plans/rollout/rollout_file.h"
#include "plans/steps/kind.h"

namespace drover::plans {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr std::string_view kSchema = "drover/plan/1";

ordered_json request_json(const ApiRequest& request) {
  return {{"verb", verb_name(request.verb)},
          {"path", request.path},
          {"body", request.body},
          {"timeout_s", request.timeout.count()}};
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
  object["command_timeouts_s"] = ordered_json::array();
  for (const Command& command : step.commands) {
    object["command_timeouts_s"].push_back(command.timeout.count());
  }
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
          {"pending", drain.pending},
          {"ignores", drain.ignores},
          {"loses_data", drain.loses_data},
          {"gone_for_good", drain.gone_for_good},
          {"single_replicas", drain.single_replicas},
          {"bypasses", drain.bypasses}};
}

ordered_json to_json(const Plan& plan) {
  ordered_json object;
  object["schema"] = kSchema;
  object["id"] = plan.id;
  object["created"] = plan.created;
  object["cluster"] = plan.cluster;
  object["from"] = plan.from;
  object["target"] = plan.target;
  if (!plan.work.empty()) object["work"] = plan.work;
  object["hops"] = plan.hops;
  object["inventory"] = plan.inventory;
  object["inventory_sha256"] = plan.inventory_sha256;
  object["plan_sha256"] = plan.plan_sha256;
  object["fingerprint"] = ordered_json(plan.fingerprint);
  object["preamble"] = plan.preamble;
  object["rollout"] = ordered_json::parse(rollout_json(plan.rollout));
  object["steps"] = ordered_json::array();
  for (const Step& step : plan.steps) object["steps"].push_back(step_json(step));
  object["verdicts"] = ordered_json::array();
  for (const Verdict& verdict : plan.verdicts) object["verdicts"].push_back(verdict_json(verdict));
  object["drains"] = ordered_json::array();
  for (const ForeseenDrain& drain : plan.drains) object["drains"].push_back(drain_json(drain));
  return object;
}

std::vector<std::string> strings(const json& array) {
  return array.get<std::vector<std::string>>();
}

std::vector<std::string> strings_or_none(const json& object, const char* key) {
  return object.contains(key) ? strings(object.at(key)) : std::vector<std::string>{};
}

std::string text_or_none(const json& object, const char* key) {
  return object.value(key, std::string());
}

StepKind kind_named(const std::string& name) {
  for (const Kind& kind : all_kinds()) {
    if (kind.name == name) return kind.kind;
  }
  throw std::invalid_argument("a step of the unknown kind " + name);
}

Verb verb_named(const std::string& name) {
  for (const Verb verb : {Verb::Get, Verb::Post, Verb::Put, Verb::Patch, Verb::Delete}) {
    if (verb_name(verb) == name) return verb;
  }
  throw std::invalid_argument("a request with the unknown verb " + name);
}

Step read_step(const json& object) {
  Step step;
  step.id = object.at("id").get<std::string>();
  step.kind = kind_named(object.at("kind").get<std::string>());
  step.node = text_or_none(object, "node");
  step.host = text_or_none(object, "host");
  step.title = object.at("title").get<std::string>();
  step.why = object.at("why").get<std::string>();
  step.needs = strings(object.at("needs"));
  const json& commands = object.at("commands");
  for (size_t i = 0; i < commands.size(); ++i) {
    step.commands.push_back(
        {.script = commands.at(i).get<std::string>(),
         .mutates = true,
         .timeout = std::chrono::seconds(object.at("command_timeouts_s").at(i).get<int>())});
  }
  for (const json& request : object.at("requests")) {
    step.requests.push_back({.verb = verb_named(request.at("verb").get<std::string>()),
                             .path = request.at("path").get<std::string>(),
                             .body = request.at("body").get<std::string>(),
                             .timeout = std::chrono::seconds(request.at("timeout_s").get<int>())});
  }
  step.timeout = std::chrono::seconds(object.at("timeout_s").get<int>());
  step.estimate = std::chrono::seconds(object.at("estimate_s").get<int>());
  step.params = object.at("params").get<Params>();
  return step;
}

Severity severity_named(const std::string& name) {
  for (const Severity severity : {Severity::Blocker, Severity::Warning, Severity::Info}) {
    if (severity_name(severity) == name) return severity;
  }
  throw std::invalid_argument("a verdict of the unknown severity " + name);
}

Verdict read_verdict(const json& object) {
  return {.check = object.at("check").get<std::string>(),
          .severity = severity_named(object.at("severity").get<std::string>()),
          .subject = object.at("subject").get<std::string>(),
          .message = object.at("message").get<std::string>(),
          .remedy = object.at("remedy").get<std::string>(),
          .override_ = object.at("override").get<std::string>()};
}

Plan read_object(const json& object) {
  if (object.at("schema") != kSchema) {
    throw std::invalid_argument("the schema " + object.at("schema").dump() + ", not " +
                                std::string(kSchema));
  }
  Plan plan;
  plan.id = object.at("id").get<std::string>();
  plan.created = object.at("created").get<std::string>();
  plan.cluster = object.at("cluster").get<std::string>();
  plan.from = object.at("from").get<std::string>();
  plan.target = object.at("target").get<std::string>();
  plan.work = text_or_none(object, "work");
  plan.hops = strings(object.at("hops"));
  plan.inventory = object.at("inventory").get<std::string>();
  plan.inventory_sha256 = object.at("inventory_sha256").get<std::string>();
  plan.plan_sha256 = object.at("plan_sha256").get<std::string>();
  plan.fingerprint = object.at("fingerprint").get<std::map<std::string, std::string>>();
  plan.preamble = object.at("preamble").get<std::string>();
  auto rollout = read_rollout(object.at("rollout").dump());
  if (!rollout) throw std::invalid_argument(rollout.error().message);
  plan.rollout = std::move(*rollout);
  for (const json& step : object.at("steps")) plan.steps.push_back(read_step(step));
  for (const json& verdict : object.at("verdicts")) plan.verdicts.push_back(read_verdict(verdict));
  for (const json& drain : object.at("drains")) {
    plan.drains.push_back({.node = drain.at("node").get<std::string>(),
                           .evicts = strings(drain.at("evicts")),
                           .blocked_by = strings(drain.at("blocked_by")),
                           .pending = strings(drain.at("pending")),
                           .ignores = strings_or_none(drain, "ignores"),
                           .loses_data = strings_or_none(drain, "loses_data"),
                           .gone_for_good = strings_or_none(drain, "gone_for_good"),
                           .single_replicas = strings_or_none(drain, "single_replicas"),
                           .bypasses = strings_or_none(drain, "bypasses")});
  }
  return plan;
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

Result<Plan> read_plan(std::string_view text) {
  Error error{.kind = ErrorKind::File, .remedy = "make it again: drover plan UPGRADE -o PLAN.json"};
  try {
    Plan plan = read_object(json::parse(text));
    if (plan_id(plan) == plan.id) return plan;
    error.message = "was edited: its content does not have the id that it says";
  } catch (const std::exception& exception) {  // nlohmann's and ours above
    error.message = "is no plan of this version: " + sanitise(exception.what(), 200);
  }
  return error;
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
