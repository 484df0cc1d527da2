#include "inventory/cluster/replicas.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "inventory/base/api_request.h"
#include "inventory/cluster/json.h"

namespace drover {
namespace {

struct ReplicasKind {
  std::string_view kind;
  std::string_view group;
  std::string_view resource;
};

constexpr std::array kKinds = {
    ReplicasKind{"ReplicaSet", "/apis/apps/v1", "replicasets"},
    ReplicasKind{"StatefulSet", "/apis/apps/v1", "statefulsets"},
    ReplicasKind{"ReplicationController", "/api/v1", "replicationcontrollers"},
};

const ReplicasKind* find_kind(std::string_view name) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(),
                                   [&](const ReplicasKind& kind) { return kind.kind == name; });
  return found == kKinds.end() ? nullptr : found;
}

}  // namespace

bool keeps_replicas(std::string_view kind) { return find_kind(kind) != nullptr; }

std::string replicas_path(std::string_view kind, std::string_view ns) {
  const ReplicasKind* known = find_kind(kind);
  if (known == nullptr) return "";
  if (ns.empty()) return fmt::format("{}/{}", known->group, known->resource);
  return fmt::format("{}/namespaces/{}/{}", known->group, percent_encode(ns), known->resource);
}

Result<std::vector<Replicas>> parse_replicas_list(std::string_view json, std::string_view kind) {
  return parse_list(json, kind, [kind](const JsonField& object) {
    const JsonField metadata = object["metadata"];
    return Replicas{std::string(kind), metadata["namespace"].text(), metadata["name"].text(),
                    object["spec"]["replicas"].number(1),
                    read_controller(metadata["ownerReferences"])};
  });
}

}  // namespace drover
