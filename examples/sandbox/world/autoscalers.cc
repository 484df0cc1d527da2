#include "examples/sandbox/world/autoscalers.h"

#include <fmt/format.h>

#include <algorithm>

#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"
#include "examples/sandbox/world/reconcile.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr const char* kResource = "horizontalpodautoscalers.autoscaling";
constexpr const char* kKind = "HorizontalPodAutoscaler";
constexpr const char* kVersion = "autoscaling/v2";
constexpr const char* kMetrics = "v1beta1.metrics.k8s.io";
constexpr Span kLooks{15};
constexpr const char* kUnmeasured =
    "failed to get cpu utilization: unable to get metrics for resource cpu: unable to fetch "
    "metrics from resource metrics API: the server could not find the requested resource (get "
    "pods.metrics.k8s.io)";

std::string key_of(const std::string& ns, const std::string& name) { return ns + '/' + name; }

Moment made_at(const json& hpa) { return from_epoch(hpa.at("made").get<double>()); }

bool looked_at(const World& world, const json& hpa, Moment now) {
  return now >= after(made_at(hpa), world.pace.of(kLooks));
}

Moment first_look(const World& world, const json& hpa) {
  return after(made_at(hpa), world.pace.of(kLooks));
}

const Workload* target_of(const World& world, const json& hpa) {
  const json& target = hpa.at("spec").at("scaleTargetRef");
  if (target.at("kind") != "Deployment") return nullptr;
  return world.find_workload(Workload::Kind::Deployment, hpa.at("metadata").at("namespace"),
                             target.at("name"));
}

bool has_metrics(const World& world) {
  const auto found = world.api_services.find(kMetrics);
  return found != world.api_services.end() && found->second;
}

/// "900m" or "2".
long milli(const std::string& amount) {
  const long value = std::stol(amount);
  return amount.ends_with('m') ? value : value * 1000;
}

struct Measured {
  long average = 0;  ///< thousandths of a CPU
  int wanted = 0;    ///< by the metric alone
};

/// Nothing: there are no figures, or its metric is none that is played.
std::optional<Measured> measure(const World& world, const json& hpa, const Workload& target) {
  const json& resource = hpa.at("spec").at("metrics").at(0).at("resource");
  if (!has_metrics(world) || resource.at("name") != "cpu" ||
      !resource.at("target").contains("averageValue"))
    return std::nullopt;
  long sum = 0;
  int pods = 0;
  for (const Pod& pod : world.pods) {
    if (pod.ns != target.ns || pod.workload != target.name || !pod.ready || pod.deleting) continue;
    sum += pod.use.cpu_m;
    ++pods;
  }
  if (pods == 0) return std::nullopt;
  const long wanted = milli(resource["target"]["averageValue"]);
  const double ratio = static_cast<double>(sum) / static_cast<double>(wanted * pods);
  const bool tolerated = ratio > 0.9 && ratio < 1.1;
  return Measured{sum / pods, tolerated ? pods : static_cast<int>((sum + wanted - 1) / wanted)};
}

int desired_of(const json& hpa, const Workload& target, const Measured& measured) {
  const json& spec = hpa.at("spec");
  // Nothing is made smaller within the window.
  const int wanted = std::max(measured.wanted, target.replicas);
  return std::clamp(wanted, spec.value("minReplicas", 1), spec.at("maxReplicas").get<int>());
}

json unmeasured_status(const Workload& target, Moment since) {
  return {
      {"conditions",
       {condition("AbleToScale", true, "SucceededGetScale",
                  "the HPA controller was able to get the target's current scale", since),
        condition("ScalingActive", false, "FailedGetResourceMetric",
                  fmt::format("the HPA was unable to compute the replica count: {}", kUnmeasured),
                  since)}},
      {"currentMetrics", {{{"type", ""}}}},
      {"currentReplicas", target.replicas},
      {"desiredReplicas", 0}};
}

json measured_status(const json& hpa, const Workload& target, const Measured& measured,
                     Moment since) {
  const int desired = desired_of(hpa, target, measured);
  const int most = hpa.at("spec").at("maxReplicas");
  const bool limited = measured.wanted > most;
  return {
      {"conditions",
       {measured.wanted < target.replicas
            ? condition("AbleToScale", true, "ScaleDownStabilized",
                        "recent recommendations were higher than current one, applying the highest "
                        "recent recommendation",
                        since)
            : condition("AbleToScale", true, "ReadyForNewScale",
                        "recommended size matches current size", since),
        condition("ScalingActive", true, "ValidMetricFound",
                  "the HPA was able to successfully calculate a replica count from cpu resource",
                  since),
        limited
            ? condition("ScalingLimited", true, "TooManyReplicas",
                        "the desired replica count is more than the maximum replica count", since)
            : condition("ScalingLimited", false, "DesiredWithinRange",
                        "the desired count is within the acceptable range", since)}},
      {"currentMetrics",
       {{{"type", "Resource"},
         {"resource",
          {{"name", "cpu"},
           {"current", {{"averageValue", fmt::format("{}m", measured.average)}}}}}}}},
      {"currentReplicas", target.replicas},
      {"desiredReplicas", desired}};
}

json shown(const World& world, const json& hpa, Moment now) {
  json object = {{"metadata", hpa.at("metadata")}, {"spec", hpa.at("spec")}};
  const Workload* target = target_of(world, hpa);
  if (target == nullptr || !looked_at(world, hpa, now)) {
    object["status"] = {{"currentMetrics", nullptr}, {"desiredReplicas", 0}};
    return object;
  }
  const auto measured = measure(world, hpa, *target);
  const Moment since = first_look(world, hpa);
  object["status"] = measured ? measured_status(hpa, *target, *measured, since)
                              : unmeasured_status(*target, since);
  return object;
}

Answer invalid(const std::string& name, int most) {
  const std::string why =
      fmt::format("Invalid value: {}: must be greater than or equal to `minReplicas`", most);
  return refuse(
      422, "Invalid",
      fmt::format("HorizontalPodAutoscaler.autoscaling \"{}\" is invalid: "
                  "spec.maxReplicas: {}",
                  name, why),
      {{"name", name},
       {"group", "autoscaling"},
       {"kind", kKind},
       {"causes",
        {{{"reason", "FieldValueInvalid"}, {"message", why}, {"field", "spec.maxReplicas"}}}}});
}

/// As the API server fills it in when anything of it is written.
void fill_in_behavior(json& spec) {
  if (!spec.contains("behavior")) return;
  const json up = {{"stabilizationWindowSeconds", 0},
                   {"selectPolicy", "Max"},
                   {"policies",
                    {{{"type", "Pods"}, {"value", 4}, {"periodSeconds", 15}},
                     {{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}}}}};
  const json down = {{"selectPolicy", "Max"},
                     {"policies", {{{"type", "Percent"}, {"value", 100}, {"periodSeconds", 15}}}}};
  json& behavior = spec["behavior"];
  for (const auto& [way, usual] : {std::pair("scaleUp", up), std::pair("scaleDown", down)}) {
    json whole = usual;
    if (behavior.contains(way)) whole.update(behavior[way]);
    behavior[way] = std::move(whole);
  }
}

json event_json(const json& hpa, const std::string& reason, const std::string& message, Moment at) {
  const json& meta = hpa.at("metadata");
  const std::string name =
      fmt::format("{}.{}", meta.at("name").get<std::string>(), derived_uid(reason).substr(0, 8));
  return {{"metadata", metadata(name, meta.at("namespace"), derived_uid(name), 7, at)},
          {"involvedObject",
           {{"kind", kKind}, {"namespace", meta.at("namespace")}, {"name", meta.at("name")}}},
          {"reason", reason},
          {"message", message},
          {"source", {{"component", "horizontal-pod-autoscaler"}}},
          {"firstTimestamp", stamp(at)},
          {"lastTimestamp", stamp(at)},
          {"count", 1},
          {"type", "Warning"},
          {"eventTime", nullptr},
          {"reportingComponent", "horizontal-pod-autoscaler"},
          {"reportingInstance", ""}};
}

}  // namespace

Answer create_autoscaler(World& world, const std::string& ns, const json& wish, Moment now) {
  const std::string name = wish.at("metadata").at("name");
  if (wish.at("kind") != kKind || wish.at("apiVersion") != kVersion ||
      wish["metadata"].value("namespace", ns) != ns)
    throw std::invalid_argument("no HorizontalPodAutoscaler of autoscaling/v2 in this namespace");
  json spec = wish.at("spec");
  if (spec.value("minReplicas", 1) > spec.at("maxReplicas").get<int>())
    return invalid(name, spec["maxReplicas"]);
  if (world.autoscalers.count(key_of(ns, name)) > 0)
    return refuse(409, "AlreadyExists", fmt::format("{} \"{}\" already exists", kResource, name),
                  not_found(kResource, name).body.at("details"));
  fill_in_behavior(spec);
  json made = {{"metadata", metadata(name, ns, world.new_uid(), ++world.revision, now)},
               {"spec", std::move(spec)},
               {"made", std::chrono::duration<double>(now.time_since_epoch()).count()}};
  const json object = whole(shown(world, made, now), kKind, kVersion);
  world.autoscalers[key_of(ns, name)] = std::move(made);
  return {201, object};
}

Answer read_autoscaler(const World& world, const std::string& ns, const std::string& name,
                       Moment now) {
  const auto found = world.autoscalers.find(key_of(ns, name));
  if (found == world.autoscalers.end()) return not_found(kResource, name);
  return {200, whole(shown(world, found->second, now), kKind, kVersion)};
}

Answer delete_autoscaler(World& world, const std::string& ns, const std::string& name,
                         const std::string& uid) {
  const auto found = world.autoscalers.find(key_of(ns, name));
  if (found == world.autoscalers.end()) return not_found(kResource, name);
  const std::string own = found->second.at("metadata").at("uid");
  if (!uid.empty() && uid != own)
    return other_uid("HorizontalPodAutoscaler.autoscaling", name, uid, own);
  world.autoscalers.erase(found);
  json details = not_found(kResource, name).body.at("details");
  details["uid"] = own;
  return {200,
          {{"kind", "Status"},
           {"apiVersion", "v1"},
           {"metadata", json::object()},
           {"status", "Success"},
           {"details", std::move(details)}}};
}

std::vector<json> autoscalers_json(const World& world, Moment now) {
  std::vector<json> items;
  for (const auto& [key, hpa] : world.autoscalers) items.push_back(shown(world, hpa, now));
  return items;
}

std::vector<json> autoscaler_events(const World& world, Moment now) {
  std::vector<json> items;
  for (const auto& [key, hpa] : world.autoscalers) {
    const Workload* target = target_of(world, hpa);
    if (target == nullptr || !looked_at(world, hpa, now) || has_metrics(world)) continue;
    const Moment at = first_look(world, hpa);
    items.push_back(event_json(hpa, "FailedGetResourceMetric", kUnmeasured, at));
    items.push_back(event_json(hpa, "FailedComputeMetricsReplicas",
                               fmt::format("invalid metrics (1 invalid out of 1), first error is: "
                                           "failed to get cpu resource metric value: {}",
                                           kUnmeasured),
                               at));
  }
  return items;
}

void scale(World& world, Moment now) {
  for (const auto& [key, hpa] : world.autoscalers) {
    const Workload* target = target_of(world, hpa);
    if (target == nullptr || !looked_at(world, hpa, now)) continue;
    const auto measured = measure(world, hpa, *target);
    if (!measured) continue;
    const int desired = desired_of(hpa, *target, *measured);
    if (desired == target->replicas) continue;
    Workload* grown = world.find_workload(target->kind, target->ns, target->name);
    grown->replicas = desired;
    ++grown->generation;
    world.touch(*grown);
    reconcile(world, now);
  }
}

}  // namespace drover::sandbox
