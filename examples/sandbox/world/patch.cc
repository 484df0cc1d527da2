#include "examples/sandbox/world/patch.h"

#include <stdexcept>

#include "examples/sandbox/world/objects.h"
#include "examples/sandbox/world/reconcile.h"

namespace drover::sandbox {
namespace {

using nlohmann::json;

// What may stand in the patch; all else would change what Drover must never change.
void only(const json& object, std::initializer_list<const char*> known, const std::string& where) {
  for (const auto& [key, value] : object.items()) {
    const bool may = std::any_of(known.begin(), known.end(),
                                 [&key = key](const char* one) { return key == one; });
    if (!may) throw std::invalid_argument(where + "." + key + " is patched by nobody");
  }
}

// What of a node may be patched.
json patchable(const ClusterNode& node) {
  json meta = {{"resourceVersion", std::to_string(node.revision)}, {"labels", node.labels}};
  if (!node.annotations.empty()) meta["annotations"] = node.annotations;
  return {{"metadata", std::move(meta)}, {"spec", node.spec}};
}

json merged(const json& object, const json& patch) {
  only(patch, {"metadata", "spec"}, "node");
  json after = object;
  after.merge_patch(patch);
  return after;
}

// The keys whose values differ.
json difference(const json& before, const json& after) {
  json differs = json::object();
  for (const json* one : {&before, &after}) {
    for (const auto& [key, value] : one->items()) {
      if (before.value(key, json()) != after.value(key, json())) differs[key] = value;
    }
  }
  return differs;
}

Answer take(World& world, ClusterNode& node, const json& object, Moment now) {
  only(object, {"metadata", "spec"}, "node");
  const json& meta = object.at("metadata");
  only(meta, {"resourceVersion", "labels", "annotations"}, "metadata");
  if (meta.value("resourceVersion", "") != std::to_string(node.revision)) {
    return outdated("nodes", node.name());
  }
  ClusterNode changed = node;
  changed.labels = meta.value("labels", Labels());
  changed.annotations = meta.value("annotations", Labels());
  changed.spec = object.value("spec", json::object());
  only(difference(node.spec, changed.spec), {"unschedulable", "taints"}, "spec");
  const bool differs = changed.labels != node.labels || changed.annotations != node.annotations ||
                       changed.spec != node.spec;
  changed.taints();  // throws when they are none
  node = std::move(changed);
  if (differs) world.touch(node);
  Answer answer{200, whole(node_json(node), "Node", "v1")};
  reconcile(world, now);
  return answer;
}

}  // namespace

Answer merge_into_node(World& world, const std::string& name, const json& patch, Moment now) {
  ClusterNode* node = world.find_node(name);
  if (node == nullptr) return not_found("nodes", name);
  return take(world, *node, merged(patchable(*node), patch), now);
}

Answer patch_node(World& world, const std::string& name, const json& operations, Moment now) {
  ClusterNode* node = world.find_node(name);
  if (node == nullptr) return not_found("nodes", name);
  json object = patchable(*node);
  try {
    object = object.patch(operations);
  } catch (const json::exception&) {  // a path that is not there
    return refuse(422, "Invalid", "the server rejected our request due to an error in our request");
  }
  if (object["spec"].value("unschedulable", true) == false) object["spec"].erase("unschedulable");
  return take(world, *node, object, now);
}

}  // namespace drover::sandbox
