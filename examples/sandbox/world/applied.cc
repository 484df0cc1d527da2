#include "examples/sandbox/world/applied.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <stdexcept>

#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"
#include "examples/sandbox/world/reconcile.h"
#include "examples/sandbox/world/scene.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

constexpr const char* kApiServices = "apiservices.apiregistration.k8s.io";
constexpr const char* kDeployments = "deployments.apps";

void check(const Place& place, const json& wish) {
  const json& meta = wish.at("metadata");
  if (meta.at("name") != place.name || meta.value("namespace", place.ns) != place.ns)
    throw std::invalid_argument("the object is another one than the path names");
}

/// A path of fields as the API server writes it: "/data/x" is ".data.x".
std::string dotted(std::string pointer) {
  std::replace(pointer.begin(), pointer.end(), '/', '.');
  return pointer;
}

Answer conflict(const std::vector<std::string>& fields) {
  constexpr const char* kWith = "conflict with \"kubectl-patch\" using v1";
  json causes = json::array();
  for (const std::string& field : fields)
    causes.push_back({{"reason", "FieldManagerConflict"}, {"message", kWith}, {"field", field}});
  return refuse(409, "Conflict",
                fmt::format("Apply failed with {} conflict{}: {}: {}", fields.size(),
                            fields.size() == 1 ? "" : "s", kWith, fields.front()),
                {{"causes", std::move(causes)}});
}

/// Fields of somebody else that the wish would change.
std::vector<std::string> in_conflict(const Applied& there, const json& wish) {
  std::vector<std::string> fields;
  if (there.others.empty()) return fields;
  const json flat = there.others.flatten();
  for (const auto& [pointer, value] : flat.items()) {
    const json::json_pointer at(pointer);
    if (wish.contains(at) && wish.at(at) != value) fields.push_back(dotted(pointer));
  }
  return fields;
}

// Of all that can be wrong with an object only this is known here.
std::optional<Answer> invalid(const Place& place, const json& wish) {
  static const std::regex key("[-._a-zA-Z0-9]+");
  if (place.resource != "configmaps" || !wish.contains("data")) return std::nullopt;
  for (const auto& [name, value] : wish["data"].items()) {
    if (std::regex_match(name, key)) continue;
    const std::string why = fmt::format(
        "Invalid value: \"{}\": a valid config key must consist of alphanumeric characters, '-', "
        "'_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is "
        "'[-._a-zA-Z0-9]+')",
        name);
    const std::string field = fmt::format("data[{}]", name);
    return refuse(
        422, "Invalid", fmt::format("ConfigMap \"{}\" is invalid: {}: {}", place.name, field, why),
        {{"name", place.name},
         {"kind", "ConfigMap"},
         {"causes", {{{"reason", "FieldValueInvalid"}, {"message", why}, {"field", field}}}}});
  }
  return std::nullopt;
}

json content(const Applied& applied) {
  json all = applied.others;
  all.merge_patch(applied.wish);
  return all;
}

/// Pods for an applied Deployment.
void give_pods(World& world, const Place& place, const json& wish, Moment now) {
  const json& tmpl = wish.at("spec").at("template");
  PodSpec pods{.labels = tmpl.at("metadata").at("labels").get<Labels>(),
               .image = tmpl.at("spec").at("containers").at(0).at("image")};
  const int replicas = wish["spec"].value("replicas", 1);
  Workload* there = world.find_workload(Workload::Kind::Deployment, place.ns, place.name);
  if (there == nullptr) {
    Workload made{.kind = Workload::Kind::Deployment, .ns = place.ns, .name = place.name};
    made.uid = world.new_uid();
    made.created = now;
    world.workloads.push_back(std::move(made));
    there = &world.workloads.back();
  } else {
    ++there->generation;
  }
  there->pods = std::move(pods);
  there->replicas = replicas;
  world.touch(*there);
  reconcile(world, now);
}

json object_of(const World& world, const Place& place, bool with_status) {
  const Applied& applied = world.applied.at(place.key());
  if (place.resource == kDeployments) {
    json object = workload_json(
        world, *world.find_workload(Workload::Kind::Deployment, place.ns, place.name));
    if (!with_status) object["status"] = json::object();
    return whole(std::move(object), "Deployment", "apps/v1");
  }
  json object = content(applied);
  json meta = metadata(place.name, place.ns, applied.uid, applied.revision, applied.created);
  if (object["metadata"].contains("labels")) meta["labels"] = object["metadata"]["labels"];
  object["metadata"] = std::move(meta);
  const auto served = world.api_services.find(place.name);
  if (place.resource == kApiServices && with_status && served != world.api_services.end())
    object["status"] = api_service_json(world, place.name, served->second).at("status");
  return object;
}

bool stands_behind(const Pod& pod, const std::string& ns, const json& selector) {
  if (pod.ns != ns || !pod.ready || pod.deleting || selector.empty()) return false;
  return std::all_of(selector.items().begin(), selector.items().end(), [&](const auto& pair) {
    const auto label = pod.spec.labels.find(pair.key());
    return label != pod.spec.labels.end() && label->second == pair.value();
  });
}

}  // namespace

Answer apply_object(World& world, const Place& place, const json& wish, bool force, Moment now) {
  check(place, wish);
  if (auto refused = invalid(place, wish)) return *refused;
  const auto found = world.applied.find(place.key());
  const bool is_new = found == world.applied.end();
  Applied& applied = is_new ? world.applied[place.key()] : found->second;
  if (is_new) {
    applied.uid = world.new_uid();
    applied.created = now;
  } else if (const auto fields = in_conflict(applied, wish); !fields.empty()) {
    if (!force) return conflict(fields);
    applied.others = json::object();
  }
  const json before = content(applied);
  applied.wish = wish;
  if (is_new || content(applied) != before) {
    world.touch(applied);
    if (place.resource == kDeployments) give_pods(world, place, wish, now);
  }
  Answer answer{is_new ? 201 : 200, object_of(world, place, !is_new)};
  if (is_new) serve_applied(world);
  return answer;
}

Answer read_applied(const World& world, const Place& place) {
  if (world.applied.count(place.key()) == 0) return not_found(place.resource, place.name);
  return {200, object_of(world, place, true)};
}

Answer delete_applied(World& world, const Place& place, const std::string& uid, Moment now) {
  const auto found = world.applied.find(place.key());
  if (found == world.applied.end()) return not_found(place.resource, place.name);
  const json object = object_of(world, place, true);
  const std::string own = object.at("metadata").at("uid");
  if (!uid.empty() && uid != own)
    return other_uid(found->second.wish.at("kind"), place.name, uid, own);
  world.applied.erase(found);
  if (place.resource == kApiServices) world.api_services.erase(place.name);
  if (place.resource == kDeployments)
    remove_workload(world, Workload::Kind::Deployment, place.ns, place.name, now);
  // These two are answered with the object, as by the server.
  if (place.resource == "services" || place.resource == "serviceaccounts") return {200, object};
  json details = not_found(place.resource, place.name).body.at("details");
  details["uid"] = own;
  return {200,
          {{"kind", "Status"},
           {"apiVersion", "v1"},
           {"metadata", json::object()},
           {"status", "Success"},
           {"details", std::move(details)}}};
}

void edit_applied(World& world, const Place& place, const json& fields) {
  const auto found = world.applied.find(place.key());
  if (found == world.applied.end())
    throw std::runtime_error("nothing was applied as " + place.key());
  found->second.others.merge_patch(fields);
  found->second.wish.merge_patch(fields);
  world.touch(found->second);
}

void serve_applied(World& world) {
  for (const auto& [key, applied] : world.applied) {
    if (!key.starts_with(kApiServices) || !applied.wish["spec"].contains("service")) continue;
    const json& service = applied.wish["spec"]["service"];
    const std::string ns = service.at("namespace");
    const auto behind = world.applied.find(Place{"services", ns, service.at("name")}.key());
    const json selector = behind == world.applied.end()
                              ? json::object()
                              : behind->second.wish.at("spec").value("selector", json::object());
    world.api_services[applied.wish.at("metadata").at("name")] =
        std::any_of(world.pods.begin(), world.pods.end(),
                    [&](const Pod& pod) { return stands_behind(pod, ns, selector); });
  }
}

}  // namespace drover::sandbox
