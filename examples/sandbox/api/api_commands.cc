#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "examples/sandbox/api/api_state.h"
#include "examples/sandbox/api/state_report.h"
#include "examples/sandbox/world/eviction.h"
#include "examples/sandbox/world/patch.h"
#include "examples/sandbox/world/reconcile.h"
#include "examples/sandbox/world/scene.h"
#include "examples/sandbox/world/settle.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

std::string what_of(const json& request) { return request.value("what", ""); }

[[noreturn]] void neither(const json& request, const char* known) {
  throw std::runtime_error(
      fmt::format("{} \"{}\" is none of {}", request.value("do", ""), what_of(request), known));
}

/// "default/web" in two.
struct Name {
  std::string ns;
  std::string name;
};

Name name_of(const json& request) {
  const std::string text = request.value("name", "");
  const size_t slash = text.find('/');
  if (slash == text.npos || slash == 0 || slash + 1 == text.size())
    throw std::runtime_error("name is no NAMESPACE/NAME: \"" + text + "\"");
  return {text.substr(0, slash), text.substr(slash + 1)};
}

ApiFaults::Rule rule_of(ApiFaults::Kind kind, const json& request) {
  ApiFaults::Rule rule{.kind = kind,
                       .status = request.value("status", 500),
                       .count = request.value("count", 1),
                       .text = request.value("text", "")};
  if (rule.count < 1) throw std::runtime_error("count is less than 1");
  if (kind == ApiFaults::Kind::Fail) failure(rule.status, "GET", "/");  // throws what it cannot
  return rule;
}

json api_fault(ApiState& state, const json& request, Moment) {
  using Kind = ApiFaults::Kind;
  const std::string what = what_of(request);
  ApiFaults& faults = state.faults;
  if (what == "down" || what == "up") {
    faults.down = what == "down";
  } else if (what == "slow") {
    const int ms = request.at("ms");
    if (ms < 0) throw std::runtime_error("ms is less than 0");
    faults.slow = std::chrono::milliseconds{ms};
  } else if (what == "clear") {
    faults.clear();
  } else if (what == "fail") {
    faults.add(rule_of(Kind::Fail, request));
  } else if (what == "garbage") {
    faults.add(rule_of(Kind::Garbage, request));
  } else if (what == "cut") {
    faults.add(rule_of(Kind::Cut, request));
  } else if (what == "hold") {
    faults.add(rule_of(Kind::Hold, request));
  } else {
    neither(request, "down, up, fail, garbage, cut, hold, slow, clear");
  }
  return json::object();
}

Budget read_budget(const json& request, const Name& name) {
  Budget budget{.ns = name.ns, .name = name.name};
  const Labels app = {{"app", request.value("app", name.name)}};
  budget.selector =
      request.contains("selector") ? read_selector(request["selector"]) : equal_to(app);
  // "2", 2 and "50%" are all right.
  const auto amount = [&](const char* key) {
    if (!request.contains(key)) return std::string();
    const json& value = request[key];
    return value.is_string() ? value.get<std::string>() : value.dump();
  };
  budget.min_available = amount("min_available");
  budget.max_unavailable = amount("max_unavailable");
  if (budget.min_available.empty() == budget.max_unavailable.empty())
    throw std::runtime_error("one of min_available and max_unavailable, not both");
  budget.policy_named = request.contains("unhealthy");
  budget.always_allow_unhealthy = request.value("unhealthy", "") == "AlwaysAllow";
  budget.processed = request.value("processed", true);
  return budget;
}

json change_budget(ApiState& state, const json& request, Moment now) {
  World& world = state.world;
  const std::string what = what_of(request);
  const Name name = name_of(request);
  if (what == "add") {
    add_budget(world, read_budget(request, name), now);
    return json::object();
  }
  Budget* budget = world.find_budget(name.ns, name.name);
  if (budget == nullptr)
    throw std::runtime_error("there is no budget " + request.value("name", ""));
  if (what == "block" || what == "free") {
    budget->blocked = what == "block";
    budget->processed = true;
    world.touch(*budget);
  } else if (what == "remove") {
    world.budgets.erase(world.budgets.begin() + (budget - world.budgets.data()));
  } else {
    neither(request, "add, remove, block, free");
  }
  return json::object();
}

PodSpec read_pod_spec(const json& request, const Name& name) {
  PodSpec spec{.labels = request.value("labels", Labels{{"app", name.name}}),
               .image = request.value("image", "registry.k8s.io/" + name.name + ":1")};
  for (const std::string& key : request.value("tolerations", std::vector<std::string>()))
    spec.tolerations.push_back({key == "*" ? "" : key, ""});
  spec.empty_dir = request.value("empty_dir", false);
  spec.volume = request.value("volume", "");
  spec.never_ready = request.value("never_ready", false);
  spec.never_ends = request.value("never_ends", false);
  spec.starts = Span{request.value("starts", spec.starts.count())};
  spec.terminates = Span{request.value("terminates", spec.terminates.count())};
  return spec;
}

// Pods that it gets from now on do not become ready, until it is released.
void hold_workload(World& world, Workload::Kind kind, const Name& name, bool hold) {
  Workload* workload = world.find_workload(kind, name.ns, name.name);
  if (workload == nullptr)
    throw std::runtime_error(
        fmt::format("there is no {} {}/{}", kind_name(kind), name.ns, name.name));
  workload->pods.never_ready = hold;
  if (hold) return;
  for (Pod& pod : world.pods) {
    if (pod.ns != name.ns || pod.workload != name.name || !pod.spec.never_ready) continue;
    pod.spec.never_ready = false;
    world.touch(pod);
  }
}

json change_workload(ApiState& state, const json& request, Moment now) {
  const Name name = name_of(request);
  const Workload::Kind kind = parse_kind(request.value("kind", "Deployment"));
  const std::string what = what_of(request);
  if (what == "add") {
    Workload workload{.kind = kind, .ns = name.ns, .name = name.name};
    workload.pods = read_pod_spec(request, name);
    workload.replicas = request.value("replicas", 1);
    add_workload(state.world, std::move(workload), now);
  } else if (what == "hold" || what == "release") {
    hold_workload(state.world, kind, name, what == "hold");
  } else if (what == "remove") {
    if (!remove_workload(state.world, kind, name.ns, name.name, now))
      throw std::runtime_error(
          fmt::format("there is no {} {}/{}", kind_name(kind), name.ns, name.name));
  } else {
    neither(request, "add, remove, hold, release");
  }
  return json::object();
}

// A pod that nobody would make again.
void add_bare_pod(World& world, const json& request, const Name& name, Moment now) {
  if (world.find_pod(name.ns, name.name) != nullptr)
    throw std::runtime_error("there is a pod of this name");
  Pod pod;
  pod.ns = name.ns;
  pod.name = name.name;
  pod.uid = world.new_uid();
  pod.spec = read_pod_spec(request, name);
  pod.created = now;
  world.touch(pod);
  if (request.contains("node")) {
    const ClusterNode* node = world.find_node(request["node"]);
    if (node == nullptr) throw std::runtime_error("there is no such node");
    place(world, pod, *node, now);
    pod.ready = !pod.spec.never_ready;
  }
  world.pods.push_back(std::move(pod));
}

json change_pod(ApiState& state, const json& request, Moment now) {
  World& world = state.world;
  const Name name = name_of(request);
  const std::string what = what_of(request);
  if (what == "add") {
    add_bare_pod(world, request, name, now);
    return json::object();
  }
  Pod* pod = world.find_pod(name.ns, name.name);
  if (pod == nullptr) throw std::runtime_error("there is no pod " + request.value("name", ""));
  if (what == "remove") {
    begin_deletion(world, *pod, now);
  } else if (what == "finish") {
    pod->finished = true;
    pod->ready = false;
    world.touch(*pod);
  } else if (what == "orphan") {
    pod->owner.reset();
    pod->workload.clear();
    world.touch(*pod);
  } else if (what == "break" || what == "heal") {
    pod->spec.never_ready = what == "break";
    pod->ready = pod->ready && what == "heal";
    world.touch(*pod);
  } else if (what == "log") {
    pod->log.push_back({now, request.at("text")});
  } else if (what == "use") {
    pod->use = {.cpu_m = request.value("cpu_m", pod->use.cpu_m),
                .memory_mi = request.value("memory_mi", pod->use.memory_mi)};
  } else {
    neither(request, "add, remove, finish, orphan, break, heal, log, use");
  }
  return json::object();
}

// "KIND NAME" or "KIND NAMESPACE/NAME".
json add_event(ApiState& state, const json& request, Moment now) {
  World& world = state.world;
  const std::string about = request.at("about");
  const size_t blank = about.find(' ');
  if (blank == about.npos) throw std::runtime_error("about is no KIND and name: " + about);
  const std::string object = about.substr(blank + 1);
  const size_t slash = object.find('/');
  Event event{.kind = about.substr(0, blank),
              .object_ns = slash == object.npos ? "" : object.substr(0, slash),
              .object = slash == object.npos ? object : object.substr(slash + 1),
              .type = request.value("type", "Normal"),
              .reason = request.value("reason", "Seen"),
              .message = request.value("text", ""),
              .count = request.value("count", 1),
              .at = now};
  event.ns = event.object_ns.empty() ? "default" : event.object_ns;
  event.name = request.value("name", event.object + "." + world.random_suffix());
  event.uid = world.new_uid();
  world.touch(event);
  world.events.push_back(std::move(event));
  return json::object();
}

json change_namespace(ApiState& state, const json& request, Moment) {
  const std::string name = request.at("name");
  const std::string what = what_of(request);
  if (what == "terminate") {
    state.world.terminating_namespaces.insert(name);
  } else if (what == "free") {
    state.world.terminating_namespaces.erase(name);
  } else {
    neither(request, "terminate, free");
  }
  return json::object();
}

// Without "lease": what it is. With it: as if somebody else had written it.
json lock_lease(ApiState& state, const json& request, Moment now) {
  World& world = state.world;
  if (request.contains("lease")) {
    world.lock.reset();
    if (!request["lease"].is_null()) {
      json lease = request["lease"];
      lease["metadata"] = {{"name", "drover"},
                           {"namespace", "kube-system"},
                           {"uid", world.new_uid()},
                           {"creationTimestamp", stamp(now)},
                           {"resourceVersion", std::to_string(++world.revision)}};
      lease["kind"] = "Lease";
      lease["apiVersion"] = "coordination.k8s.io/v1";
      world.lock = std::move(lease);
    }
  }
  return {{"lease", world.lock.value_or(json())}};
}

json change_api_service(ApiState& state, const json& request, Moment) {
  const std::string name = request.at("name");
  const std::string what = what_of(request);
  if (name.find('.') == name.npos) throw std::runtime_error("name is no VERSION.GROUP: " + name);
  if (what == "remove") {
    state.world.api_services.erase(name);
  } else if (what == "add" || what == "heal" || what == "break") {
    state.world.api_services[name] = what != "break";
  } else {
    neither(request, "add, remove, break, heal");
  }
  return json::object();
}

// Somebody else changes fields of an object that was applied.
json edit_object(ApiState& state, const json& request, Moment) {
  const Name name = name_of(request);
  edit_applied(state.world, {request.at("resource"), name.ns, name.name}, request.at("fields"));
  return json::object();
}

json change_webhook(ApiState& state, const json& request, Moment) {
  const Name name = name_of(request);
  const std::string what = what_of(request);
  const std::string kind = request.value("kind", "Validating");
  const std::string service = name.ns + "/" + name.name;
  if (kind != "Validating" && kind != "Mutating")
    throw std::runtime_error("kind is neither Validating nor Mutating");
  if (what == "add") {
    state.world.webhooks[service] = kind + "WebhookConfiguration";
  } else if (what == "remove") {
    if (state.world.webhooks.erase(service) == 0)
      throw std::runtime_error("there is no webhook of the service " + service);
  } else {
    neither(request, "add, remove");
  }
  return json::object();
}

json patch(ApiState& state, const json& request, Moment now) {
  const Answer answer =
      merge_into_node(state.world, request.value("node", ""), request.at("patch"), now);
  if (answer.status != 200) throw std::runtime_error(answer.body.at("message"));
  return {{"node", answer.body}};
}

json arm_strike(ApiState& state, const json& request, Moment) {
  if (what_of(request) == "none") {
    state.strike.disarm();
  } else if (request.contains("pid")) {
    const std::string when = request.value("when", "before");
    if (when != "before" && when != "after")
      throw std::runtime_error("when is neither before nor after");
    state.strike.arm(request["pid"].get<pid_t>(),
                     when == "before" ? Strike::When::Before : Strike::When::After,
                     request.value("nth", 1), request.value("text", ""));
  }
  return state.strike.state();
}

json report(ApiState& state, const json&, Moment now) { return state_report(state, now); }

using Act = json (*)(ApiState&, const json&, Moment);

json carry_out(ApiState& state, Act act, const json& request) try {
  const std::lock_guard lock(state.mutex);
  const Moment now = state.clock();
  settle(state.world, now);
  json answer = act(state, request, now);
  settle(state.world, now);
  state.changed.notify_all();
  return answer;
} catch (const json::exception& wrong) {
  throw std::runtime_error(wrong.what());
} catch (const std::invalid_argument& wrong) {
  throw std::runtime_error(wrong.what());
}

Command command(ApiState& state, Act act) {
  return [&state, act](const json& request) { return carry_out(state, act, request); };
}

}  // namespace

Commands api_commands(ApiState& state) {
  return {{"api", command(state, api_fault)},
          {"budget", command(state, change_budget)},
          {"workload", command(state, change_workload)},
          {"pod", command(state, change_pod)},
          {"event", command(state, add_event)},
          {"namespace", command(state, change_namespace)},
          {"edit", command(state, edit_object)},
          {"apiservice", command(state, change_api_service)},
          {"webhook", command(state, change_webhook)},
          {"lock", command(state, lock_lease)},
          {"patch-node", command(state, patch)},
          {"strike", command(state, arm_strike)},
          {"state", command(state, report)}};
}

}  // namespace drover::sandbox
