#include <array>
#include <sstream>

#include "examples/sandbox/api/listing.h"
#include "examples/sandbox/api/route.h"
#include "examples/sandbox/world/autoscalers.h"
#include "examples/sandbox/world/metadata.h"
#include "examples/sandbox/world/objects.h"

// Objects that are given by server-side apply and taken away again, autoscalers, and what an API
// group consists of.
namespace drover::sandbox {
namespace {

using nlohmann::json;

std::string name_in(Call& call, const char* key) {
  const auto found = call.names.find(key);
  return found == call.names.end() ? "" : found->second;
}

Place place_of(Call& call, const std::string& resource) {
  return {.resource = resource, .ns = name_in(call, "namespace"), .name = name_in(call, "name")};
}

std::string wanted_uid(const json& options) {
  if (options.is_null()) return "";
  if (options.value("kind", "") != "DeleteOptions") throw std::invalid_argument("no DeleteOptions");
  return options.value("preconditions", json::object()).value("uid", "");
}

}  // namespace

Answer get_object(Call& call, const std::string& resource) {
  return read_applied(call.world, place_of(call, resource));
}

Answer apply_object(Call& call, const std::string& resource) {
  if (call.query.get("fieldManager") != "drover")
    throw std::invalid_argument("an apply without its field manager");
  return apply_object(call.world, place_of(call, resource), call.body,
                      call.query.get("force") == "true", call.now);
}

Answer delete_object(Call& call, const std::string& resource) {
  return delete_applied(call.world, place_of(call, resource), wanted_uid(call.body), call.now);
}

Answer list_autoscalers(Call& call) {
  std::vector<json> items = autoscalers_json(call.world, call.now);
  const std::string ns = name_in(call, "namespace");
  if (!ns.empty())
    std::erase_if(items, [&](const json& item) { return item["metadata"]["namespace"] != ns; });
  return list_of(call, "HorizontalPodAutoscaler", "autoscaling/v2", std::move(items));
}

Answer get_autoscaler(Call& call) {
  return read_autoscaler(call.world, call.names["namespace"], call.names["name"], call.now);
}

Answer create_autoscaler(Call& call) {
  return create_autoscaler(call.world, call.names["namespace"], call.body, call.now);
}

Answer delete_autoscaler(Call& call) {
  return delete_autoscaler(call.world, call.names["namespace"], call.names["name"],
                           wanted_uid(call.body));
}

Answer get_scale(Call& call) {
  const std::string& ns = call.names["namespace"];
  const std::string& name = call.names["name"];
  const Workload* found = call.world.find_workload(Workload::Kind::Deployment, ns, name);
  if (found == nullptr) return not_found("deployments.apps", name);
  const json object = workload_json(call.world, *found);
  std::string selector;
  for (const auto& [key, value] : found->pods.labels)
    selector += (selector.empty() ? "" : ",") + key + '=' + value;
  const json status = object.at("status");
  return {200,
          {{"kind", "Scale"},
           {"apiVersion", "autoscaling/v1"},
           {"metadata", metadata(name, ns, found->uid, found->revision, found->created)},
           {"spec", {{"replicas", found->replicas}}},
           {"status", {{"replicas", status.value("replicas", 0)}, {"selector", selector}}}}};
}

}  // namespace drover::sandbox
