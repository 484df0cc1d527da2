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

void merge(Labels& labels, const json& patch) {
  json merged = labels;
  merged.merge_patch(patch);
  labels = merged.is_null() ? Labels() : merged.get<Labels>();
}

}  // namespace

Answer patch_node(World& world, const std::string& name, const json& patch, Moment now) {
  ClusterNode* node = world.find_node(name);
  if (node == nullptr) return not_found("nodes", name);
  only(patch, {"metadata", "spec"}, "node");
  const json meta = patch.value("metadata", json::object());
  only(meta, {"resourceVersion", "labels", "annotations"}, "metadata");
  only(patch.value("spec", json::object()), {"unschedulable", "taints"}, "spec");
  const std::string wanted = meta.value("resourceVersion", "");
  if (!wanted.empty() && wanted != std::to_string(node->revision)) return outdated("nodes", name);

  ClusterNode changed = *node;
  if (meta.contains("labels")) merge(changed.labels, meta["labels"]);
  if (meta.contains("annotations")) merge(changed.annotations, meta["annotations"]);
  if (patch.contains("spec")) changed.spec.merge_patch(patch["spec"]);
  const bool differs = changed.labels != node->labels || changed.annotations != node->annotations ||
                       changed.spec != node->spec;
  changed.taints();  // throws when they are none
  *node = std::move(changed);
  if (differs) world.touch(*node);
  Answer answer{200, whole(node_json(*node), "Node", "v1")};
  reconcile(world, now);
  return answer;
}

}  // namespace drover::sandbox
